// A long list that is typed into. The select stays what is sent and what is offered; without this script it is shown.
//
// https://www.w3.org/WAI/ARIA/apg/patterns/combobox/: a list popup; what is typed narrows it, Enter and Tab choose.

import { find, makeIndex } from "./matching.js";
import { filled, gettext, ngettext } from "./words.js";

const AT_ONCE = 12; // options that are there with the list; the rest follows, some at a time, while it is looked at
const AT_A_TIME = 40;
const PAGE = 6;
const GAP_PX = 4;
const LOW_PX = 240; // a list that is lower than that finds itself more room
const HIGH_PX = 440;
const PAUSE_MS = 400; // nobody is told what they are still typing

const FINGER = window.matchMedia("(pointer: coarse)");
const template = document.getElementById("combobox");
const optionTemplate = document.getElementById("combobox-option");

// Of each term by its id: {name, synonyms, above}. Where they do not arrive, names are found all the same.
const words = template ? fetchWords(template.dataset.words) : Promise.resolve(new Map());

async function fetchWords(address) {
  try {
    const answer = await fetch(address);
    const rows = answer.ok ? (await answer.json()).words : [];
    return new Map(rows.map(([id, above, name, ...synonyms]) => [String(id), { name, synonyms, above: String(above) }]));
  } catch {
    return new Map();
  }
}

function lineage(terms, id) {
  const term = terms.get(id);
  return term ? [...lineage(terms, term.above), term] : [];
}

// What can be chosen, with the words by which it is found. A value is a term's id, or `field:id`.
function entryOf(option, terms) {
  const { value, text, dataset } = option;
  const heading = option.parentElement.label ?? "";
  const term = terms.get(value.split(":").pop());
  const above = term ? lineage(terms, term.above) : [];
  const places = value.includes(":") ? [heading, ...above.map(({ name }) => name)] : above.map(({ name }) => name);
  return {
    value,
    label: value.includes(":") && term ? term.name : text, // its path stands above it
    name: term?.name ?? text,
    path: term ? places.join(" › ") : heading,
    synonyms: term?.synonyms ?? [],
    above: term ? above.flatMap(({ name, synonyms }) => [name, ...synonyms]) : [heading],
    depth: above.length,
    colour: dataset.colour ?? "",
  };
}

const isValue = ({ value }) => value !== "";

const whenIdle = (act) => (window.requestIdleCallback ?? setTimeout)(act); // Safari has no word of its own for it

function showSwatch(swatch, colour) {
  swatch.hidden = !colour;
  swatch.dataset.colour = colour;
}

export class Combobox {
  #terms = new Map();
  #entries = null; // made when they are needed
  #index = null;
  #elements = new Map(); // value -> option
  #found = []; // as listed: [{entry, synonym}]
  #active = -1;
  #isEdited = false;
  #isWhole = false; // the first one is called what was typed
  #saying = 0; // timers
  #filling = 0;
  #gone = new AbortController();

  constructor(select) {
    const content = template.content.cloneNode(true);
    const part = (name) => content.querySelector(`[data-${name}]`);
    const input = part("input");
    Object.assign(this, { select, box: part("box"), input, clearer: part("clear"), path: part("path"), swatch: part("swatch") });
    Object.assign(this, { popup: part("popup"), note: part("note"), list: part("list"), status: part("status") });
    this.#name();
    select.after(content);
    select.hidden = true;
    input.required = select.required; // what is hidden could not say so
    select.required = false;
    this.refresh();
    this.#listen();
    words.then((terms) => this.#learn(terms));
  }

  #name() {
    const { select, input, list } = this;
    const [label] = select.labels;
    input.id = `${select.id}_box`;
    list.id = `${select.id}_list`;
    input.setAttribute("aria-controls", list.id);
    input.placeholder = select.dataset.placeholder ?? select.options[0].text;
    list.setAttribute("aria-label", label.textContent);
    label.htmlFor = input.id;
  }

  #learn(terms) {
    this.#terms = terms;
    this.#entries = null;
    this.#index = null;
    this.#elements.clear();
    if (this.isOpen) this.open();
    else this.refresh();
  }

  get entries() {
    this.#entries ??= [...this.select.options].filter(isValue).map((option) => entryOf(option, this.#terms));
    return this.#entries;
  }

  get index() {
    this.#index ??= makeIndex(this.entries);
    return this.#index;
  }

  #listen() {
    const { input, list, popup, clearer, select } = this;
    input.addEventListener("input", () => { this.#isEdited = true; this.open(); });
    input.addEventListener("keydown", (event) => this.#press(event));
    input.addEventListener("click", () => (this.isOpen && !this.#isEdited ? this.close() : this.open()));
    input.addEventListener("focus", () => {
      input.select();
      whenIdle(() => this.index); // before the first letter comes; most lists of most listings are never typed into
    });
    input.addEventListener("blur", () => this.leave());
    for (const part of [popup, clearer]) part.addEventListener("mousedown", (event) => event.preventDefault()); // keeps the focus
    list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (!option) return;
      this.#choose(option.dataset.value);
      if (event.pointerType !== "mouse") input.blur(); // puts the phone's keyboard away
    });
    clearer.addEventListener("click", () => { this.#choose(""); input.focus(); });
    const { signal } = this.#gone;
    window.addEventListener("pageshow", () => this.refresh(), { signal }); // the browser may have kept a choice
    window.visualViewport?.addEventListener("resize", () => this.isOpen && this.#makeRoom(), { signal });
    window.visualViewport?.addEventListener("scroll", () => this.isOpen && this.#place(), { signal });
    document.addEventListener("turned", () => this.#gone.abort(), { once: true });
  }

  get isOpen() {
    return !this.popup.hidden;
  }

  // Shows what the select has chosen.
  refresh() {
    const { select, input, clearer } = this;
    const [option] = [...select.selectedOptions].filter(isValue);
    const chosen = option && entryOf(option, this.#terms);
    input.value = chosen?.label ?? "";
    this.path.textContent = chosen?.path ?? "";
    showSwatch(this.swatch, chosen?.colour ?? "");
    this.box.classList.toggle("is-chosen", Boolean(chosen));
    clearer.hidden = !chosen;
    this.#isEdited = false;
  }

  open() {
    const query = this.#isEdited ? this.input.value.trim() : "";
    const all = { found: this.entries.map((entry) => ({ entry, synonym: "" })), isNear: false, isWhole: false };
    const { found, isNear, isWhole } = query ? find(this.index, query) : all;
    this.#isWhole = isWhole;
    this.#found = found;
    this.#show(isNear ? query : "");
    if (query) this.#activate(isNear ? -1 : 0);
    else this.#activate(this.#isEdited ? -1 : found.findIndex(({ entry }) => entry.value === this.select.value));
    this.#announce(isNear);
  }

  close() {
    this.popup.hidden = true;
    this.#activate(-1);
    this.input.setAttribute("aria-expanded", "false");
    clearTimeout(this.#saying);
    this.status.textContent = "";
  }

  // What is typed in full counts, as what is active does where `takesActive`; else all is as it was before.
  leave({ takesActive = false } = {}) {
    const active = this.#found[this.#active];
    const isErased = this.#isEdited && this.input.value.trim() === "";
    const isNamed = this.#isEdited && this.#isWhole && this.#active === 0;
    if (this.isOpen && active && (takesActive || isNamed)) this.#choose(active.entry.value);
    else if (isErased) this.#choose("");
    else if (this.isOpen || this.#isEdited) this.#restore();
  }

  #restore() {
    this.close();
    this.refresh();
  }

  #choose(value) {
    const { select } = this;
    const isOther = select.value !== value;
    select.value = value;
    if (isOther) select.dispatchEvent(new Event("change", { bubbles: true }));
    this.#restore();
  }

  // --- Keys ---

  #press(event) {
    if (event.isComposing) return;
    const { key, altKey } = event;
    if (key === "Enter" && (event.ctrlKey || event.metaKey)) this.leave({ takesActive: true }); // the form is sent with it
    else if (key === "Tab") this.leave({ takesActive: true });
    else if (key === "Escape" && (this.isOpen || this.#isEdited)) this.#take(event, () => this.#restore());
    else if (key === "Enter") this.#take(event, () => this.#enter());
    else if (key === "ArrowUp" && altKey) this.#take(event, () => this.close());
    else if (key === "ArrowDown" || key === "ArrowUp") this.#take(event, () => this.#step(key === "ArrowDown" ? 1 : -1));
    else if (this.isOpen && !event.shiftKey && !event.ctrlKey) this.#jump(event);
  }

  // A key that is for the list is for nothing else.
  #take(event, act) {
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  #enter() {
    const active = this.#found[this.#active];
    if (!this.isOpen) this.open();
    else if (active) this.#choose(active.entry.value);
  }

  #step(by) {
    if (!this.isOpen) {
      this.open();
      if (this.#active >= 0) return;
    }
    const count = this.#found.length;
    const from = this.#active < 0 && by < 0 ? count : this.#active;
    if (count) this.#activate((from + by + count) % count);
  }

  #jump(event) {
    const last = this.#found.length - 1;
    const targets = { Home: 0, End: last, PageUp: Math.max(0, this.#active - PAGE), PageDown: Math.min(last, this.#active + PAGE) };
    if (event.key in targets && last >= 0) this.#take(event, () => this.#activate(targets[event.key]));
  }

  // --- The list ---

  #show(unknown) {
    const isEmpty = this.#found.length === 0;
    this.list.replaceChildren();
    this.#fill(AT_ONCE);
    this.list.hidden = isEmpty;
    this.note.hidden = !unknown;
    this.note.textContent = unknown && this.#sentence(unknown, isEmpty);
    const wasOpen = this.isOpen;
    this.popup.hidden = false;
    this.list.scrollTop = 0;
    this.input.setAttribute("aria-expanded", String(!isEmpty));
    if (wasOpen) this.#place();
    else this.#makeRoom();
    this.#fillOn();
  }

  #sentence(word, isEmpty) {
    return isEmpty
      ? filled(gettext("Nothing is called “{word}”. Try a more general word."), { word })
      : filled(gettext("Nothing is called “{word}”. These are near:"), { word });
  }

  #fillOn() {
    clearTimeout(this.#filling);
    this.#filling = setTimeout(() => {
      if (!this.isOpen || this.list.childElementCount >= this.#found.length) return;
      this.#fill(this.list.childElementCount + AT_A_TIME);
      this.#fillOn();
    });
  }

  // Adds options until there are so many.
  #fill(count) {
    const missing = this.#found.slice(this.list.childElementCount, count);
    this.list.append(...missing.map((each) => this.#option(each)));
  }

  #option({ entry, synonym }) {
    const { value, label, path, colour } = entry;
    const option = this.#elements.get(value) ?? optionTemplate.content.firstElementChild.cloneNode(true);
    if (!this.#elements.has(value)) {
      this.#elements.set(value, option);
      option.id = `${this.list.id}_${value}`;
      option.dataset.value = value;
      option.querySelector("[data-path]").textContent = path;
      option.querySelector("[data-label]").textContent = label;
      showSwatch(option.querySelector("[data-swatch]"), colour);
    }
    option.querySelector("[data-synonym]").hidden = !synonym;
    option.querySelector("[data-synonym-text]").textContent = synonym;
    option.setAttribute("aria-label", [label, synonym, path].filter(Boolean).join(", "));
    if (value === this.select.value) option.setAttribute("aria-selected", "true");
    else option.removeAttribute("aria-selected");
    return option;
  }

  #activate(at) {
    this.list.querySelector(".is-active")?.classList.remove("is-active");
    this.#active = at;
    if (at < 0) {
      this.input.removeAttribute("aria-activedescendant");
      return;
    }
    this.#fill(at + PAGE);
    const option = this.list.children[at];
    option.classList.add("is-active");
    this.input.setAttribute("aria-activedescendant", option.id);
    this.#scrollTo(option);
  }

  // Within the list: the page stays where it is.
  #scrollTo(option) {
    const { list } = this;
    const top = option.offsetTop;
    const bottom = top + option.offsetHeight;
    if (top < list.scrollTop) list.scrollTop = top;
    else if (bottom > list.scrollTop + list.clientHeight) list.scrollTop = bottom - list.clientHeight;
  }

  #announce(isNear) {
    const count = this.#found.length;
    const results = filled(ngettext("{count} result", "{count} results", count), { count });
    clearTimeout(this.#saying);
    this.#saying = setTimeout(() => {
      this.status.textContent = isNear ? [this.note.textContent, count ? results : ""].join(" ") : results;
    }, PAUSE_MS);
  }

  // --- Its place: within what is seen, which on a phone is what its keyboard leaves ---

  #room() {
    const view = window.visualViewport ?? { offsetTop: 0, height: window.innerHeight };
    const { top, bottom } = this.box.getBoundingClientRect();
    return { above: top - view.offsetTop - 2 * GAP_PX, below: view.offsetTop + view.height - bottom - 2 * GAP_PX };
  }

  // The page moves where there is too little. A finger's keyboard is about to come from below.
  #makeRoom() {
    const { above, below } = this.#room();
    this.#place();
    if (below >= LOW_PX || (above >= LOW_PX && !FINGER.matches)) return;
    window.scrollBy({ top: above - 2 * GAP_PX, behavior: "instant" });
    this.#place();
  }

  #place() {
    const { box, popup } = this;
    const { above, below } = this.#room();
    const opensUp = below < LOW_PX && above > below && !FINGER.matches;
    const around = popup.offsetParent;
    const from = box.getBoundingClientRect();
    const within = around.getBoundingClientRect();
    popup.style.maxBlockSize = `${Math.min(HIGH_PX, opensUp ? above : below)}px`;
    popup.style.insetBlockStart = opensUp ? "auto" : `${from.bottom - within.top + GAP_PX}px`;
    popup.style.insetBlockEnd = opensUp ? `${within.bottom - from.top + GAP_PX}px` : "auto";
  }
}
