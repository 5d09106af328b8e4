// Sends photos in parts, several at a time, for as long as it takes: a slow or broken network costs one part.
//
// A photo's key makes a repeated part harmless, so whatever is not surely stored is sent again, in whatever company.

import { isReadable } from "./reading.js";
import { Lost, Refused, SignedOut, TooLarge, post } from "./requests.js";

const PARALLEL = 3;
const MAX_FILES = 20;
const BYTES = { first: 512 * 1024, least: 128 * 1024, most: 4 * 1024 * 1024 };
const SECONDS_PER_PART = 15; // of what goes out: so much is lost when the connection breaks
const PAUSE_MS = { first: 1000, most: 60 * 1000 };

export class Sender {
  #waiting = [];
  #flying = new Map(); // request's number -> bytes that have gone out
  #failures = 0;
  #pause = null;
  #gathering = null;
  #bytesPerPart = BYTES.first;
  #filesPerPart = MAX_FILES;
  #isStopped = false;
  #number = 0;

  // options: {action, fields() -> FormData, blobOf(photo), productOf(photo), isInOrder(), isMoreComing(), on: {sending, stored, refused, unreadable, waiting, trouble}}
  constructor(options) {
    this.options = options;
    window.addEventListener("online", () => this.tryNow());
  }

  add(photo) {
    this.#queue([photo]);
    clearTimeout(this.#gathering);
    this.#gathering = setTimeout(() => this.#pump()); // those that come together go together
  }

  remove(photo) {
    this.#waiting = this.#waiting.filter((other) => other !== photo);
    this.#pump(); // the others may have waited for it
  }

  tryNow() {
    clearTimeout(this.#pause);
    this.#pause = null;
    this.#isStopped = false;
    this.#pump();
  }

  get isIdle() {
    return this.#waiting.length === 0 && this.#flying.size === 0;
  }

  get bytesInFlight() {
    return [...this.#flying.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  #pump() {
    const parallel = this.options.isInOrder() ? 1 : PARALLEL;
    while (!this.#pause && !this.#isStopped && this.#flying.size < parallel && this.#waiting.length > 0) {
      const photos = this.#next();
      if (photos.length === 0) return;
      this.#send(photos);
    }
  }

  // In the order in which they were chosen, whatever came back meanwhile.
  #queue(photos) {
    this.#waiting.push(...photos);
    this.#waiting.sort((one, other) => one.number - other.number);
  }

  // A full part, or the rest; none while more are being made small that could fill it.
  #next() {
    let bytes = 0;
    let count = 0;
    let isFull = false;
    for (const photo of this.#waiting) {
      isFull = count === this.#filesPerPart || (count > 0 && bytes + photo.bytes > this.#bytesPerPart);
      if (isFull) break;
      bytes += photo.bytes;
      count += 1;
    }
    if (!isFull && count < this.#filesPerPart && this.options.isMoreComing()) return [];
    return this.#waiting.splice(0, count);
  }

  async #send(photos) {
    const number = (this.#number += 1);
    this.#flying.set(number, 0);
    for (const photo of photos) this.options.on.sending(photo);
    const startedAt = performance.now();
    try {
      const body = await this.#body(photos);
      const answer = await post(this.options.action, body, (bytes) => this.#flying.set(number, bytes));
      this.#learn(photos, (performance.now() - startedAt) / 1000);
      this.#failures = 0;
      this.#settle(photos, answer);
    } catch (error) {
      await this.#takeBack(photos, error);
    } finally {
      this.#flying.delete(number);
      this.#pump();
    }
  }

  async #body(photos) {
    const body = this.options.fields();
    for (const photo of photos) {
      body.append("keys", photo.key);
      const product = this.options.productOf(photo);
      if (product) body.append("products", product);
      if (photo.wasLocated) body.append("located", photo.key);
      body.append("photos", await this.options.blobOf(photo), photo.name || "photo");
    }
    return body;
  }

  #learn(photos, seconds) {
    const bytes = photos.reduce((sum, photo) => sum + photo.bytes, 0);
    const wanted = (bytes / Math.max(seconds, 0.1)) * SECONDS_PER_PART;
    this.#bytesPerPart = Math.min(BYTES.most, Math.max(BYTES.least, wanted));
  }

  #settle(photos, answer) {
    const stored = new Set(answer.stored);
    for (const photo of photos) {
      if (stored.has(photo.key)) this.options.on.stored(photo, answer);
      else if (photo.key in answer.refused) this.options.on.refused(photo, answer.refused[photo.key]);
      else this.#queue([photo]);
    }
  }

  async #takeBack(sent, error) {
    const mayBeGone = error instanceof Lost ? !error.isSite : error instanceof TypeError;
    const photos = mayBeGone ? await this.#readable(sent) : sent;
    if (error instanceof Refused) {
      for (const photo of photos) this.options.on.refused(photo, error.sentences.join(" "), { mayTryAgain: true });
      return;
    }
    if (error instanceof TooLarge && photos.length === 1) {
      this.options.on.refused(photos[0], "");
      return;
    }
    for (const photo of photos) this.options.on.waiting(photo);
    this.#queue(photos);
    if (photos.length < sent.length) return; // that was what broke it, perhaps
    if (error instanceof TooLarge) this.#filesPerPart = Math.ceil(photos.length / 2);
    else if (error instanceof SignedOut) this.#isStopped = true;
    else this.#rest(error);
    if (!(error instanceof TooLarge)) this.options.on.trouble(error);
  }

  // A file that is gone looks like a broken network, and would hold back for ever all that travel with it.
  async #readable(photos) {
    const found = [];
    for (const photo of photos) {
      const blob = await this.options.blobOf(photo).catch(() => undefined); // the database broke: a photo may be there
      if (blob === undefined || (blob && (await isReadable(blob)))) found.push(photo);
      else this.options.on.unreadable(photo);
    }
    return found;
  }

  #rest(error) {
    if (this.#pause) return; // the parts beside it broke too: that is one failure
    const longest = Math.min(PAUSE_MS.most, PAUSE_MS.first * 2 ** this.#failures);
    const ms = Math.max((error.afterSeconds ?? 0) * 1000, longest * (0.5 + Math.random() / 2));
    this.#failures += 1;
    this.#bytesPerPart = Math.max(BYTES.least, this.#bytesPerPart / 2);
    this.#pause = setTimeout(() => this.tryNow(), ms);
  }
}
