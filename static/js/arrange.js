// Products are put together by dragging; how many are chosen is shown; after each step the page is where it was.

import { makeDraggable } from "./dragging.js";

const PLACE = `place of ${location.href}`;

const form = document.getElementById("arrange");
const chosenCount = form?.querySelector("[data-chosen-count]");
const dropOut = form?.querySelector("[data-drop-out]");

function refresh() {
  const count = form.querySelectorAll("input[name=listings]:checked").length;
  chosenCount.textContent = count;
  chosenCount.hidden = count === 0;
  for (const button of form.querySelectorAll("[data-needs-two]")) button.disabled = count < 2;
}

function send(values) {
  const request = document.getElementById("split");
  for (const [name, value] of values) {
    const input = document.createElement("input");
    Object.assign(input, { type: "hidden", name, value });
    request.append(input);
  }
  request.requestSubmit();
}

function drop(item, over) {
  const { photo, listing } = item.dataset;
  if (photo) send([["photo", photo], ...(over.dataset.listing ? [["to", over.dataset.listing]] : [])]);
  else send([["listings", over.dataset.listing], ["listings", listing], ["action", "combine"]]);
}

if (form) {
  form.addEventListener("change", refresh);
  window.addEventListener("pageshow", refresh); // the browser may have kept what was ticked
  window.addEventListener("pagehide", () => sessionStorage.setItem(PLACE, window.scrollY));
  window.scrollTo(0, Number(sessionStorage.getItem(PLACE) ?? 0));
  makeDraggable(form, {
    source: (element) => element.closest("[data-photo]") ?? element.closest("[data-listing]"),
    target(element, item) {
      const found = element.closest("[data-listing], [data-drop-out]");
      return found === item.closest("[data-listing]") ? null : found;
    },
    begun: (item) => { dropOut.hidden = !item.dataset.photo; },
    ended: () => { dropOut.hidden = true; },
    dropped: drop,
  });
  document.documentElement.classList.add("is-enhanced");
}
