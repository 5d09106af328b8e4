// One pile of photos on its way: what was chosen, what has arrived, what is known about each.
//
// Photos of one product stand together; all but the first are its `isAngle`.
// A photo's state: "preparing", "chosen", "waiting", "sending", "stored", "ready", "untagged" or "problem".

const ARRIVED = ["stored", "ready", "untagged"];
const SAME_SHARE = 0.8; // of the clear steps of two pictures
const LEAST_STEPS = 8; // plain pictures are all alike
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
      likeness: null,
      isAngle: false,
      copyOf: null, // the title of the listing that has it already
      problem: "",
      isUnreadable: false,
    };
    this.photos.push(photo);
    return photo;
  }

  // What could not be read may be chosen once more.
  holds(file) {
    const original = `${file.name}/${file.size}/${file.lastModified}`;
    return this.photos.some((photo) => photo.original === original && !photo.isUnreadable);
  }

  async keepRecord() {
    this.isForgotten = false;
    await this.outbox.keepPile(this.record);
  }

  // With its bytes where they are given; else with those that were kept before.
  async keep(photo, blob = undefined) {
    if (this.isForgotten) return;
    if (blob) this.#blobs.set(photo.key, blob);
    const isOfNoUse = ARRIVED.includes(photo.state) || photo.isUnreadable;
    const bytes = isOfNoUse ? null : (this.#blobs.get(photo.key) ?? (await this.outbox.blob(photo.key)));
    if ((await this.outbox.keepPhoto({ ...photo, blob: bytes })) || bytes === null) this.#blobs.delete(photo.key);
  }

  async blobOf(photo) {
    return this.#blobs.get(photo.key) ?? this.outbox.blob(photo.key);
  }

  // The name of the product that a photo shows: the first one's.
  productOf(photo) {
    let at = this.photos.indexOf(photo);
    while (at > 0 && this.photos[at].isAngle) at -= 1;
    return this.photos[at].key;
  }

  get hasAngles() {
    return this.photos.some(({ isAngle }) => isAngle);
  }

  get products() {
    return this.photos.filter(({ isAngle }) => !isAngle).length;
  }

  async setAngle(photo, isAngle) {
    photo.isAngle = isAngle;
    await this.keep(photo);
  }

  // Puts a photo behind the last of another's product.
  async join(photo, other) {
    await this.#leave(photo);
    this.photos = this.photos.filter((each) => each !== photo);
    let at = this.photos.indexOf(other) + 1;
    while (this.photos[at]?.isAngle) at += 1;
    const before = this.photos[at - 1].number;
    photo.number = (before + (this.photos[at]?.number ?? before + 2)) / 2;
    this.photos.splice(at, 0, photo);
    await this.setAngle(photo, true);
  }

  // What stood behind the first photo of a product goes on without it.
  async #leave(photo) {
    const next = this.photos[this.photos.indexOf(photo) + 1];
    if (!photo.isAngle && next?.isAngle) await this.setAngle(next, false);
  }

  async remove(photo) {
    await this.#leave(photo);
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
    return this.photos.find((other) => other !== photo && looksSame(photo.likeness, other.likeness));
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

function looksSame(one, other) {
  if (!one || !other) return false;
  let both = 0;
  let either = 0;
  for (let at = 0; at < one.length; at += 1) {
    both += bitsIn(one[at] & other[at]);
    either += bitsIn(one[at] | other[at]);
  }
  return either >= LEAST_STEPS && both >= SAME_SHARE * either;
}

function bitsIn(word) {
  let pairs = word - ((word >>> 1) & 0x55555555);
  pairs = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((pairs + (pairs >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

// Where the page is not from a safe address there is no randomUUID.
function randomKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const digits = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [0, 8, 12, 16, 20].map((at, place, all) => digits.slice(at, all[place + 1])).join("-");
}
