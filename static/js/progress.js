// Says the progress aloud, but not every two seconds: at most every fifteen, and at the end. Whoever is signed out is told.

import { comingBack } from "./upload/returning.js";

const PAUSE_MS = 15000;
const announcer = document.querySelector("[data-announcer]");
const signedOut = document.querySelector("[data-signed-out]");
let lastAt = Date.now();
let isResting = false;

document.addEventListener("htmx:afterSettle", () => {
  signedOut.hidden = true;
  const status = document.querySelector("[data-announce]");
  if (!status) return;
  const isFinished = "finished" in status.dataset;
  if (!isFinished && Date.now() - lastAt < PAUSE_MS) return;
  lastAt = Date.now();
  announcer.textContent = status.dataset.announce;
  if (isFinished) document.title = status.dataset.announce;
});

document.addEventListener("htmx:responseError", async ({ detail }) => {
  if (![403, 404].includes(detail.xhr.status)) return;
  signedOut.hidden = false;
  isResting = true;
  await comingBack();
  isResting = false;
});
document.addEventListener("htmx:beforeRequest", (event) => {
  if (isResting) event.preventDefault();
});
