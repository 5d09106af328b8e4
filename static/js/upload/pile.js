// One pile of photos on its way: what was chosen, what has arrived, what is known about each.
//
// A photo's state: "preparing", "chosen", "waiting", "sending", "stored", "ready", "untagged" or "problem".

const ARRIVED = ["stored", "ready", "untagged"];
const GUESSED_SHARE = 0.15; // of a file's bytes, until it was made smaller

export class Pile {
  #blobs = new Map(); // of photos for which the browser's database has no room

  constructor(outbox, record) {
    this.outbox = outbox;
    this.record = record;
    this.photos = [];
    this.isForgotten = false;
  }

  static begin(outbox, { owner, action }) {
    const token = crypto.randomUUID?.() ?? randomKey();
    return new Pile(outbox, { token, owner, action, isSubmitted: false, fields: {}, addedAt: Date.now(), status: "" });
  }

  // As it was left when the page was closed. What was being made smaller then comes as the file that was chosen.
  static async restore(outbox, record) {
    const pile = new Pile(outbox, record);
    pile.photos = (await outbox.photos(record.token)).map(({ blob, ...photo }) => ({ ...photo, bytes: blob?.size ?? photo.bytes }));
    for (const photo of pile.photos) {
      if (record.isSubmitted && ["chosen", "sending"].includes(photo.state)) photo.state = "waiting";
    }
    return pile;
  }

  add(file) {
    const photo = {
      key: crypto.randomUUID?.() ?? randomKey(),
      token: this.record.token,
      number: (this.photos.at(-1)?.number ?? 0) + 1,
      name: file.name,
      original: `${file.name}/${file.size}/${file.lastModified}`,
      bytes: Math.ceil(GUESSED_SHARE * file.size),
      state: "preparing",
      wasLocated: false,
      advice: [],
      likeness: "",
      problem: "",
    };
    this.photos.push(photo);
    return photo;
  }

  holds(file) {
    return this.photos.some((photo) => photo.original === `${file.name}/${file.size}/${file.lastModified}`);
  }

  async keepRecord() {
    await this.outbox.keepPile(this.record);
  }

  // With its bytes where they are given; else with those that were kept before.
  async keep(photo, blob = undefined) {
    if (this.isForgotten) return;
    if (blob) this.#blobs.set(photo.key, blob);
    const bytes = ARRIVED.includes(photo.state) ? null : (this.#blobs.get(photo.key) ?? (await this.outbox.blob(photo.key)));
    if ((await this.outbox.keepPhoto({ ...photo, blob: bytes })) || bytes === null) this.#blobs.delete(photo.key);
  }

  async blobOf(photo) {
    return this.#blobs.get(photo.key) ?? this.outbox.blob(photo.key);
  }

  async remove(photo) {
    this.photos = this.photos.filter((other) => other !== photo);
    this.#blobs.delete(photo.key);
    await this.outbox.removePhoto(photo.key);
  }

  async forget() {
    this.isForgotten = true;
    this.#blobs.clear();
    await this.outbox.removePile(this.record.token);
  }

  // Another photo that looks just the same.
  twinOf(photo) {
    return this.photos.find((other) => other !== photo && other.likeness !== "" && other.likeness === photo.likeness);
  }

  count(...states) {
    return this.photos.filter((photo) => states.includes(photo.state)).length;
  }

  get arrived() {
    return this.count(...ARRIVED);
  }

  // Nothing is left that could still be done.
  get isOver() {
    return this.isThrough && !this.photos.some(({ mayTryAgain, state }) => state === "problem" && mayTryAgain);
  }

  get isThrough() {
    return this.photos.length > 0 && this.count("ready", "untagged", "problem") === this.photos.length;
  }

  get isSent() {
    return this.count("preparing", "chosen", "waiting", "sending") === 0;
  }

  // Bytes that are stored, and all.
  get bytes() {
    const sum = (photos) => photos.reduce((total, photo) => total + photo.bytes, 0);
    return { stored: sum(this.photos.filter((photo) => ARRIVED.includes(photo.state))), all: sum(this.photos) };
  }
}

// Where the page is not from a safe address there is no randomUUID.
function randomKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const digits = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [0, 8, 12, 16, 20].map((at, place, all) => digits.slice(at, all[place + 1])).join("-");
}
