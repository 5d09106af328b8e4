// Small comforts of every page. Without them everything still works.

// Menus close on a click elsewhere and on Escape.
const OPEN_MENUS = "details.menu[open], .photo-tools details[open]";
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll(OPEN_MENUS)) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll(OPEN_MENUS)) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// A password can be looked at.
for (const button of document.querySelectorAll("[data-reveal]")) {
  const input = document.getElementById(button.dataset.reveal);
  const showText = button.textContent;
  button.hidden = !input;
  button.addEventListener("click", () => {
    const shows = input.type === "password";
    input.type = shows ? "text" : "password";
    button.setAttribute("aria-pressed", String(shows));
    button.textContent = shows ? button.dataset.hideText : showText;
  });
}

// On a slow network a pressed button shows that it was pressed, and a form that changes something goes out once: a second
// tap would do it twice. Coming back to the page makes it fresh again; so does time, for an answer that never comes or is
// a file leaves the page where it is. Only the window hears a form after all scripts that may keep it to themselves.
const ON_ITS_WAY_MS = 8000;
const onTheirWay = new Set();

function makeFresh(form) {
  onTheirWay.delete(form);
  for (const each of form.elements) each.classList.remove("is-busy");
}

window.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented) return;
  if (onTheirWay.has(form)) {
    event.preventDefault();
    return;
  }
  event.submitter?.classList.add("is-busy");
  if (form.method === "post") onTheirWay.add(form);
  setTimeout(() => makeFresh(form), ON_ITS_WAY_MS);
});
window.addEventListener("pageshow", () => {
  for (const form of document.forms) makeFresh(form);
});

document.querySelector("main [aria-invalid=true]")?.focus();
