// Says the progress aloud, but not every two seconds: at most every fifteen, and at the end.

const PAUSE_MS = 15000;
const announcer = document.querySelector("[data-announcer]");
let lastAt = Date.now();

document.addEventListener("htmx:afterSettle", () => {
  const status = document.querySelector("[data-announce]");
  if (!status) return;
  const isFinished = "finished" in status.dataset;
  if (!isFinished && Date.now() - lastAt < PAUSE_MS) return;
  lastAt = Date.now();
  announcer.textContent = status.dataset.announce;
  if (isFinished) document.title = status.dataset.announce;
});
