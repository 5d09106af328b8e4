// One-tap review: a value from the list and a suggestion exclude each other; Ctrl+Enter confirms; thumbnails swap.

import { Combobox } from "./combobox.js";
import { onTurn } from "./turning.js";

const LONG = 12; // values, from which on a list is typed into

// Says what shows the select's choice.
function shower(select) {
  if (select.options.length < LONG) return () => select.classList.toggle("is-chosen", select.value !== "");
  const combobox = new Combobox(select);
  return () => combobox.refresh();
}

function prepareField(field) {
  const radios = [...field.querySelectorAll("input[type=radio]")];
  const select = field.querySelector("select");
  if (!select) return;
  const empty = radios.find((radio) => radio.value === "");
  const show = shower(select);
  if (select.value) show(); // as it was left, not as it came
  select.addEventListener("change", () => {
    for (const radio of radios) radio.checked = false;
    if (select.value === "" && empty) empty.checked = true;
    show();
  });
  for (const radio of radios) {
    radio.addEventListener("change", () => {
      select.value = "";
      show();
    });
  }
}

function prepareGallery(gallery) {
  const large = gallery.querySelector("[data-gallery-large]");
  const thumbnails = [...gallery.querySelectorAll("[data-display]")];
  for (const thumbnail of thumbnails) {
    thumbnail.addEventListener("click", (event) => {
      event.preventDefault();
      large.href = thumbnail.href;
      large.querySelector("img").src = thumbnail.dataset.display;
      for (const other of thumbnails) other.removeAttribute("aria-current");
      thumbnail.setAttribute("aria-current", "true");
    });
  }
}

onTurn(() => {
  document.querySelectorAll("[data-tag-field]").forEach(prepareField);
  document.querySelectorAll("[data-gallery]").forEach(prepareGallery);
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) document.querySelector("form[data-review]")?.requestSubmit();
});
