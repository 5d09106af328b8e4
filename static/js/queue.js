// Keys of the queue: a digit chooses and goes on, Enter confirms, S skips, U undoes the last one, ? shows the keys.

import { areOn, hasModifier, isHelp, isUndo, isZero, mayAct, numberOf, prepareSwitch } from "./keys.js";

const form = document.querySelector("form[data-queue]");
const chips = [...form.querySelectorAll(".chip:not(.chip-empty)")].slice(0, 9);
const empty = form.querySelector(".chip-empty");

function showNumbers() {
  chips.forEach((chip, index) => { chip.dataset.number = index + 1; });
  if (empty) empty.dataset.number = 0;
  for (const chip of areOn() ? [] : form.querySelectorAll(".chip")) delete chip.dataset.number;
}
showNumbers();
prepareSwitch(showNumbers);

let sent = false;
form.addEventListener("submit", (event) => {
  if (sent) event.preventDefault();
  sent = true;
});
window.addEventListener("pageshow", () => { sent = false; });

function choose(chip) {
  if (!chip) return;
  chip.querySelector("input").click();
  form.requestSubmit();
}

function act(event) {
  if (isUndo(event)) document.querySelector("[data-key=u]")?.requestSubmit();
  else if (hasModifier(event)) return false;
  else if (numberOf(event)) choose(chips[numberOf(event) - 1]);
  else if (isZero(event)) choose(empty);
  else if (event.key === "Enter") form.requestSubmit();
  else if (event.key.toLowerCase() === "s") document.querySelector("[data-key=s]").click();
  else if (isHelp(event)) document.querySelector("details[data-key]").toggleAttribute("open");
  else return false;
  return true;
}

document.addEventListener("keydown", (event) => {
  const target = event.target;
  const isElsewhere = target instanceof Element && target.matches("select, textarea, [role=combobox]");
  const isButton = event.key === "Enter" && target instanceof Element && target.closest("a, button, summary, [data-keys-switch]");
  if (event.repeat || isElsewhere || isButton || !mayAct(event)) return;
  if (act(event)) event.preventDefault();
});
