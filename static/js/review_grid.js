// How many are chosen; all at once, and from one to another; arrows go about; U undoes the last step.

import { Combobox } from "./combobox.js";
import { isHelp, isUndo, mayAct, prepareSwitch } from "./keys.js";

const form = document.getElementById("grid");
const boxes = form ? [...form.querySelectorAll("input[name=listings]")] : [];
const count = form?.querySelector("[data-chosen-count]");
const all = form?.querySelector("[data-all]");

let last = null; // ticked or cleared

// With Shift all between it and the one before become like it.
function reach(box, isShifted) {
  const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((one, other) => one - other);
  if (isShifted && from >= 0) for (const between of boxes.slice(from, to + 1)) between.checked = box.checked;
  last = box;
  refresh();
}

// The next one in its row or column.
function neighbour(box, key) {
  const at = boxes.indexOf(box);
  const forth = document.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
  if (key === "ArrowLeft" || key === "ArrowRight") return boxes[at + (key === forth ? 1 : -1)];
  const { left, top } = box.getBoundingClientRect();
  const isBeyond = (other) => (key === "ArrowDown" ? other.top > top + 1 : other.top < top - 1);
  const places = boxes.map((other) => ({ other, place: other.getBoundingClientRect() }));
  const column = places.filter(({ place }) => Math.abs(place.left - left) < 1 && isBeyond(place));
  return (key === "ArrowDown" ? column[0] : column.at(-1))?.other;
}

function refresh() {
  const chosen = boxes.filter((box) => box.checked).length;
  count.textContent = chosen;
  count.hidden = chosen === 0;
  all.setAttribute("aria-pressed", String(chosen === boxes.length));
}

if (form) {
  all.hidden = false;
  all.addEventListener("click", () => {
    const isWanted = boxes.some((box) => !box.checked);
    for (const box of boxes) box.checked = isWanted;
    refresh();
  });
  form.addEventListener("change", refresh);
  form.addEventListener("click", ({ target, shiftKey }) => boxes.includes(target) && reach(target, shiftKey));
  form.addEventListener("keydown", (event) => {
    if (!event.key.startsWith("Arrow") || !boxes.includes(event.target) || !mayAct(event)) return;
    event.preventDefault();
    const next = neighbour(event.target, event.key);
    next?.focus({ preventScroll: true });
    next?.closest("li").scrollIntoView({ block: "nearest" });
  });
  // A finger has its phone's own list: what is typed on a phone would cover this one.
  if (window.matchMedia("(pointer: fine)").matches) new Combobox(form.querySelector("select[name=value]"));
  window.addEventListener("pageshow", refresh); // the browser may have kept what was ticked
}

const keys = document.getElementById("keys");
const opener = document.querySelector("[data-keys]");
if (opener) {
  opener.hidden = false;
  opener.addEventListener("click", () => keys.showModal());
}
prepareSwitch();

document.addEventListener("keydown", (event) => {
  if (keys?.open || event.target.closest("input:not([type=checkbox]), select, textarea") || !mayAct(event)) return;
  if (isUndo(event)) document.querySelector("[data-undo]")?.requestSubmit();
  if (isHelp(event)) keys?.showModal();
});
