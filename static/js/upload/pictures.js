// The page's side of `picture_worker.js`: one photo at a time, as a phone has little memory.

export class Pictures {
  #worker = null;
  #waiting = new Map();
  #last = Promise.resolve();

  constructor(address) {
    if (typeof OffscreenCanvas === "undefined") return; // an older browser sends the photos as they are
    this.#worker = new Worker(address, { type: "module" });
    this.#worker.addEventListener("message", ({ data }) => this.#answer(data));
    this.#worker.addEventListener("error", () => this.#giveUp());
  }

  // What will travel of the file, and what was seen in it (see `picture_worker.js`).
  prepare(id, file) {
    const found = this.#last.then(() => this.#ask(id, file));
    this.#last = found;
    return found;
  }

  #ask(id, file) {
    if (!this.#worker) return { id, blob: file, name: file.name };
    return new Promise((resolve) => {
      this.#waiting.set(id, { file, resolve });
      this.#worker.postMessage({ id, file });
    });
  }

  #answer(found) {
    this.#waiting.get(found.id)?.resolve(found);
    this.#waiting.delete(found.id);
  }

  #giveUp() {
    this.#worker = null;
    for (const [id, { file, resolve }] of this.#waiting) resolve({ id, blob: file, name: file.name });
    this.#waiting.clear();
  }
}
