// One-tap review: a value from the list and a suggestion exclude each other; Ctrl+Enter confirms; thumbnails swap.

import { Combobox } from "./combobox.js";

const LONG = 12; // values, from which on a list is typed into

// Says what shows the select's choice.
function shower(select) {
  if (select.options.length < LONG) return () => select.classList.toggle("is-chosen", select.value !== "");
  const combobox = new Combobox(select);
  return () => combobox.refresh();
}

for (const field of document.querySelectorAll("[data-tag-field]")) {
  const radios = [...field.querySelectorAll("input[type=radio]")];
  const select = field.querySelector("select");
  if (!select) continue;
  const empty = radios.find((radio) => radio.value === "");
  const show = shower(select);
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

const form = document.querySelector("form[data-review]");
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form?.requestSubmit();
});

for (const gallery of document.querySelectorAll("[data-gallery]")) {
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
