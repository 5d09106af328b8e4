// Says aloud what others see, in one region that is always there: many screen readers miss the words of one that appears.

import { filled, ngettext } from "../words.js";

const PAUSE_MS = 15 * 1000; // between two sentences about how far it is
const GATHER_MS = 500; // what happens together is said together
const MOST_PROBLEMS = 3; // that are said one by one

export class Announcer {
  #sentences = [];
  #problems = [];
  #timer = null;
  #lastAt = null;

  constructor(region) {
    this.region = region;
  }

  say(...sentences) {
    this.#sentences.push(...sentences);
    this.#timer ??= setTimeout(() => this.#speak(), GATHER_MS);
  }

  problem({ name, problem }) {
    this.#problems.push(`${name}: ${problem}`);
    this.say();
  }

  // May be called as often as it changes.
  progress(...sentences) {
    const now = Date.now();
    this.#lastAt ??= now;
    if (now - this.#lastAt < PAUSE_MS) return;
    this.#lastAt = now;
    this.say(...sentences);
  }

  #speak() {
    const count = this.#problems.length;
    const many = () => [filled(ngettext("{count} with a problem", "{count} with a problem", count), { count })];
    const lines = [...(count > MOST_PROBLEMS ? many() : this.#problems), ...this.#sentences];
    this.region.replaceChildren(...lines.map(paragraph));
    this.#sentences = [];
    this.#problems = [];
    this.#timer = null;
  }
}

function paragraph(line) {
  const element = document.createElement("p");
  element.textContent = line;
  return element;
}
