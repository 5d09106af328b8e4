// The review by keyboard alone, and by swiping: where one is among the fields, and what each key does there.

const form = document.querySelector("form[data-review]");
const fields = [...form.querySelectorAll("[data-tag-field]")];
const help = document.getElementById("keys");
const isMirrored = document.dir === "rtl";
const SWIPE_PX = 60;

let current = Math.max(0, fields.findIndex((field) => field.querySelector(".band-check, .band-unsure, .band-none")));

function goTo(index) {
  current = Math.min(fields.length - 1, Math.max(0, index));
  fields.forEach((field, at) => field.classList.toggle("is-current", at === current));
  const chosen = fields[current].querySelector("input:checked") ?? fields[current].querySelector("input, select");
  chosen?.focus({ preventScroll: true });
  fields[current].scrollIntoView({ block: "nearest" });
}

const follow = (name) => document.querySelector(`[data-${name}]`)?.click();

const KEYS = {
  ArrowDown: () => goTo(current + 1),
  ArrowUp: () => goTo(current - 1),
  ArrowRight: () => follow(isMirrored ? "previous" : "next"),
  ArrowLeft: () => follow(isMirrored ? "next" : "previous"),
  Enter: () => form.requestSubmit(),
  u: () => document.querySelector("form[data-undo]")?.requestSubmit(),
  "?": () => help.showModal(),
};

function choose(number) {
  const choice = fields[current].querySelectorAll("input[type=radio]")[number - 1];
  if (!choice) return false;
  choice.click();
  choice.focus({ preventScroll: true });
  return true;
}

// A letter goes on in the list of all values, which takes it as its first.
function type() {
  const list = fields[current].querySelector("[role=combobox], select");
  list?.focus();
}

const isTyped = (element) => element.matches("textarea, select, [role=combobox], input:not([type=radio]):not([type=checkbox])");

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || help.open || isTyped(target)) return;
  if (key === "Enter" && target.closest("a, button, summary")) return;
  const action = KEYS[key.length === 1 ? key.toLowerCase() : key];
  if (action) {
    event.preventDefault();
    action();
  } else if (/^[1-9]$/.test(key)) {
    if (choose(Number(key))) event.preventDefault();
  } else if (/^\p{L}$/u.test(key)) type();
});

form.addEventListener("focusin", ({ target }) => {
  const at = fields.indexOf(target.closest("[data-tag-field]"));
  if (at >= 0 && at !== current) {
    fields[current].classList.remove("is-current");
    current = at;
    fields[current].classList.add("is-current");
  }
});

for (const opener of document.querySelectorAll("[data-keys]")) {
  opener.hidden = false;
  opener.addEventListener("click", () => help.showModal());
}

// A finger that wipes the photo aside goes on to the next one, or back.
const photos = document.querySelector("[data-gallery]");
let start = null;
photos?.addEventListener("touchstart", ({ touches }) => {
  start = touches.length === 1 ? { x: touches[0].clientX, y: touches[0].clientY } : null;
}, { passive: true });
photos?.addEventListener("touchend", ({ changedTouches: [touch] }) => {
  if (!start) return;
  const [across, down] = [touch.clientX - start.x, touch.clientY - start.y];
  start = null;
  if (Math.abs(across) < SWIPE_PX || Math.abs(across) < 2 * Math.abs(down)) return;
  follow((across < 0) !== isMirrored ? "next" : "previous");
});

// Where there are keys they work at once; on a phone the photo stays in view.
if (form.dataset.review === "draft") {
  fields[current].classList.add("is-current");
  if (window.matchMedia("(pointer: fine)").matches) fields[current].querySelector("input, select")?.focus({ preventScroll: true });
}
