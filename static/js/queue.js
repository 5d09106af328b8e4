// Keys of the queue: a digit chooses and goes on, Enter confirms, S skips, U undoes the last one, ? shows the keys.

const form = document.querySelector("form[data-queue]");
const chips = [...form.querySelectorAll(".chip:not(.chip-empty)")].slice(0, 9);
const empty = form.querySelector(".chip-empty");
chips.forEach((chip, index) => { chip.dataset.number = index + 1; });
if (empty) empty.dataset.number = 0;

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

function act(key) {
  if (/^[1-9]$/.test(key)) choose(chips[key - 1]);
  else if (key === "0") choose(empty);
  else if (key === "Enter") form.requestSubmit();
  else if (key === "s") document.querySelector("[data-key=s]").click();
  else if (key === "u") document.querySelector("[data-key=u]")?.requestSubmit();
  else if (key === "?") document.querySelector("details[data-key]").toggleAttribute("open");
  else return false;
  return true;
}

document.addEventListener("keydown", (event) => {
  const target = event.target;
  const isElsewhere = target instanceof Element && target.matches("select, textarea, [role=combobox]");
  const isButton = event.key === "Enter" && target instanceof Element && target.closest("a, button, summary");
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isElsewhere || isButton) return;
  if (act(event.key.length === 1 ? event.key.toLowerCase() : event.key)) event.preventDefault();
});
