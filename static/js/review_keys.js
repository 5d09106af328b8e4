// The review by keyboard alone, and by swiping: where one is among the fields, and what each key does there.

import { hasModifier, isHelp, isUndo, isZero, mayAct, numberOf, prepareSwitch } from "./keys.js";
import { onTurn } from "./turning.js";

const isMirrored = document.dir === "rtl";
const SWIPE_PX = 60;

let form = null; // of the listing in view; null where there is none
let fields = [];
let help = null;
let current = 0;

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
};

// Arrows go about among drafts; where one listing is edited they are the browser's, from value to value.
const isForeign = ({ key }) => key.startsWith("Arrow") && form.dataset.review !== "draft";

const undo = () => document.querySelector("form[data-undo]")?.requestSubmit();

function actionOf(event) {
  if (isUndo(event)) return undo;
  if (isHelp(event)) return () => help.showModal();
  return hasModifier(event) || isForeign(event) ? null : KEYS[event.key];
}

// What a digit stands for in the field: a value, or with 0 that it is left empty.
const choiceOf = (event) =>
  isZero(event)
    ? fields[current].querySelector(".chip-empty input")
    : fields[current].querySelectorAll("input[type=radio]")[numberOf(event) - 1];

function choose(choice) {
  choice.click();
  choice.focus({ preventScroll: true });
}

// A letter goes on in the list of all values, which takes it as its first.
function type() {
  const list = fields[current].querySelector("[role=combobox], select");
  list?.focus();
}

const isTyped = (element) => element.matches("textarea, select, [role=combobox], input:not([type=radio]):not([type=checkbox])");

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (!form || help.open || isTyped(target) || !mayAct(event)) return;
  if (key === "Enter" && target.closest("a, button, summary")) return;
  const action = actionOf(event);
  if (action) {
    event.preventDefault();
    if (!event.repeat || key.startsWith("Arrow")) action(); // a key that is held down decides once
  } else if (hasModifier(event)) {
    return;
  } else if (choiceOf(event)) {
    event.preventDefault();
    choose(choiceOf(event));
  } else if (/^\p{L}$/u.test(key)) type();
});

function follows({ target }) {
  const at = fields.indexOf(target.closest("[data-tag-field]"));
  if (at >= 0 && at !== current) {
    fields[current].classList.remove("is-current");
    current = at;
    fields[current].classList.add("is-current");
  }
}

const isZoomedIn = () => window.visualViewport?.scale > 1;

// A finger that wipes the photo aside goes on to the next one, or back; one that moves a photo that is seen large does not.
function prepareSwipes(photos) {
  let start = null;
  photos.addEventListener("touchstart", ({ touches }) => {
    start = touches.length === 1 && !isZoomedIn() ? { x: touches[0].clientX, y: touches[0].clientY } : null;
  }, { passive: true });
  photos.addEventListener("touchend", ({ changedTouches: [touch] }) => {
    if (!start) return;
    const [across, down] = [touch.clientX - start.x, touch.clientY - start.y];
    start = null;
    if (Math.abs(across) < SWIPE_PX || Math.abs(across) < 2 * Math.abs(down)) return;
    follow((across < 0) !== isMirrored ? "next" : "previous");
  });
}

onTurn(() => {
  form = document.querySelector("form[data-review]");
  if (!form) return;
  fields = [...form.querySelectorAll("[data-tag-field]")];
  help = document.getElementById("keys");
  current = Math.max(0, fields.findIndex((field) => field.querySelector(".band-check, .band-unsure, .band-none")));
  form.addEventListener("focusin", follows);
  document.querySelectorAll("[data-gallery]").forEach(prepareSwipes);
  for (const opener of document.querySelectorAll("[data-keys]")) {
    opener.hidden = false;
    opener.addEventListener("click", () => help.showModal());
  }
  prepareSwitch();
  if (form.dataset.review !== "draft") return;
  // Where there are keys they work at once; on a phone the photo stays in view.
  fields[current].classList.add("is-current");
  if (window.matchMedia("(pointer: fine)").matches) fields[current].querySelector("input, select")?.focus({ preventScroll: true });
});
