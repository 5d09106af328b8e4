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

// On a slow network a pressed button shows that it was pressed; coming back to the page makes it fresh again.
document.addEventListener("submit", (event) => {
  if (!event.defaultPrevented) event.submitter?.classList.add("is-busy");
});
window.addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll(".is-busy")) button.classList.remove("is-busy");
});

document.querySelector("main [aria-invalid=true]")?.focus();
