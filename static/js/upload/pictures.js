// The page's side of `picture_worker.js`: one photo at a time, as a phone has little memory.

import { isReadable } from "./reading.js";

const LONGEST_MS = 60 * 1000; // for one photo

export class Pictures {
  #address;
  #worker = null;
  #asked = null; // {id, file, resolve, timer}
  #last = Promise.resolve();

  constructor(address) {
    this.#address = address;
    if (typeof OffscreenCanvas !== "undefined") this.#start(); // an older browser sends the photos as they are
  }

  // What will travel of the file, and what was seen in it (see `picture_worker.js`).
  prepare(id, file) {
    const found = this.#last.then(() => this.#ask(id, file));
    this.#last = found;
    return found;
  }

  #start() {
    this.#worker = new Worker(this.#address, { type: "module" });
    this.#worker.addEventListener("message", ({ data }) => this.#answer(data));
    this.#worker.addEventListener("error", () => this.#giveUp());
  }

  #ask(id, file) {
    if (!this.#worker) return asItIs(id, file);
    return new Promise((resolve) => {
      this.#asked = { id, file, resolve, timer: setTimeout(() => this.#startAnew(), LONGEST_MS) };
      this.#worker.postMessage({ id, file });
    });
  }

  #answer(found) {
    if (!this.#asked || found.id !== this.#asked.id) return;
    const { resolve, timer } = this.#asked;
    this.#asked = null;
    clearTimeout(timer);
    resolve(found);
  }

  // It hangs over one photo; the next may do it no harm.
  #startAnew() {
    this.#worker.terminate();
    this.#start();
    this.#leaveAsItIs();
  }

  #giveUp() {
    this.#worker = null;
    this.#leaveAsItIs();
  }

  #leaveAsItIs() {
    if (!this.#asked) return;
    const { id, file } = this.#asked;
    asItIs(id, file).then((found) => this.#answer(found));
  }
}

const asItIs = async (id, file) => ({ id, blob: file, name: file.name, isUnreadable: !(await isReadable(file)) });
