// One row for each photo: what it looks like, how far it is, what is wrong with it and what can be done.

import { filled, gettext } from "../words.js";

const STATES = {
  preparing: () => gettext("Being made smaller"),
  chosen: () => gettext("Ready to send"),
  waiting: () => gettext("Waiting"),
  sending: () => gettext("Sending"),
  stored: () => gettext("Being tagged"),
  ready: () => gettext("Ready"),
  untagged: () => gettext("No suggestions"),
  problem: () => gettext("Problem"),
};
const ICONS = { ready: "check", untagged: "warning", problem: "warning" };
const ADVICE = {
  small: () => gettext("Small: most channels ask for 500 px."),
  dark: () => gettext("Dark: daylight shows the colours."),
  blurred: () => gettext("Blurred: hold the phone still, or wipe the lens."),
  tilted: () => gettext("Tilted."),
  far: () => gettext("The product is small: go nearer."),
};
// In an Arabic sentence the parts of a name like 20240501_123456.jpg would change places.
const isolated = (name) => (document.documentElement.dir === "rtl" ? `\u2068${name}\u2069` : name);
const MOVABLE = ["preparing", "chosen"];
const REMOVABLE = ["preparing", "chosen", "waiting", "problem"];

export class Rows {
  #rows = new Map(); // key -> element

  // on: {remove(photo), again(photo), joined(photo, isAngle)}
  constructor(list, template, icons, on) {
    Object.assign(this, { list, template, icons, on });
  }

  add(photos) {
    const fresh = new DocumentFragment();
    for (const photo of photos) fresh.append(this.#make(photo));
    this.list.append(fresh);
    for (const photo of photos) this.show(photo);
  }

  remove(photo) {
    const row = this.#rows.get(photo.key);
    const next = row.nextElementSibling ?? row.previousElementSibling;
    const picture = row.querySelector("img");
    if (picture.src) URL.revokeObjectURL(picture.src);
    row.remove();
    this.#rows.delete(photo.key);
    next?.querySelector("[data-remove]")?.focus();
  }

  clear() {
    for (const row of this.#rows.values()) URL.revokeObjectURL(row.querySelector("img").src);
    this.#rows.clear();
    this.list.replaceChildren();
  }

  show(photo, twin) {
    const row = this.#rows.get(photo.key);
    if (!row) return;
    row.dataset.state = photo.state;
    row.querySelector("[data-state-text]").textContent = STATES[photo.state]();
    row.querySelector("[data-state-icon]").setAttribute("href", `${this.icons}#${ICONS[photo.state] ?? "clock"}`);
    row.querySelector("[data-problem]").textContent = photo.problem;
    row.querySelector("[data-again]").hidden = photo.state !== "problem" || !photo.mayTryAgain;
    row.querySelector("[data-remove]").hidden = !REMOVABLE.includes(photo.state);
    this.#showPlace(photo, row);
    const hints = photo.advice.map((code) => ADVICE[code]());
    if (photo.copyOf) hints.push(filled(gettext("Your catalogue has this photo already: {title}."), { title: isolated(photo.copyOf) }));
    if (photo.copyOf === "") hints.push(gettext("Your catalogue has this photo already."));
    if (twin) hints.push(filled(gettext("Looks the same as {name}."), { name: isolated(twin.name) }));
    row.querySelector("[data-advice]").textContent = hints.join(" ");
  }

  // Whether it shows the same product as the row above it, and whether that can be changed.
  #showPlace(photo, row) {
    row.classList.toggle("is-angle", photo.isAngle);
    const join = row.querySelector("[data-join]");
    join.hidden = !MOVABLE.includes(photo.state) || row === this.list.firstElementChild;
    join.setAttribute("aria-pressed", String(photo.isAngle));
  }

  photoOf(row, photos) {
    return photos.find(({ key }) => this.#rows.get(key) === row);
  }

  // In the order of the photos, after one has moved.
  place(photo, photos) {
    const next = photos[photos.indexOf(photo) + 1];
    this.list.insertBefore(this.#rows.get(photo.key), next ? this.#rows.get(next.key) : null);
  }

  showPicture(photo, thumbnail) {
    const picture = this.#rows.get(photo.key)?.querySelector("img");
    if (!picture || picture.src || !thumbnail) return;
    picture.src = URL.createObjectURL(thumbnail);
  }

  #make(photo) {
    const row = this.template.content.firstElementChild.cloneNode(true);
    row.querySelector("[data-name]").textContent = photo.name;
    const remove = row.querySelector("[data-remove]");
    remove.setAttribute("aria-label", filled(gettext("Remove {name}"), { name: isolated(photo.name) }));
    remove.addEventListener("click", () => this.on.remove(photo));
    row.querySelector("[data-join]").addEventListener("click", () => this.on.joined(photo, !photo.isAngle));
    row.querySelector("[data-again]").addEventListener("click", () => this.on.again(photo));
    this.#rows.set(photo.key, row);
    return row;
  }
}
