// From one listing of the review to the next without loading everything anew: the page's body gives way to the next.
// What cannot be had this way is left to the browser: without this script each listing is a page of its own.

import { gettext } from "./words.js";

const TURNING = "X-Turning"; // asks for the next listing in place of the way to it
const ANNOUNCED_AFTER_MS = 100;
const READ_AFTER_MS = 5000;
const SETTLING_MS = 300; // the second half of a double click is not meant for the listing that came in between
let isTurning = false;

// Calls `prepare` for the body that is here, and for each that comes.
export function onTurn(prepare) {
  prepare();
  document.addEventListener("turned", prepare);
}

// Styles and scripts stay: a page that needs others is loaded as a whole.
function needsMore(next) {
  const needed = [...next.querySelectorAll("head > link[rel=stylesheet], head > script[src]")];
  return needed.some((each) => {
    const address = each.getAttribute("href") ?? each.getAttribute("src");
    return !document.head.querySelector(`[href="${CSS.escape(address)}"], [src="${CSS.escape(address)}"]`);
  });
}

// A place that is there before its words are is read aloud; what comes with a whole page is not.
function announce() {
  const words = [...document.querySelectorAll(".undo p, .review-count")].map((each) => each.textContent.trim());
  const place = document.createElement("p");
  place.className = "visually-hidden";
  place.setAttribute("role", "status");
  document.querySelector("main").append(place);
  setTimeout(() => { place.textContent = words.join(" "); }, ANNOUNCED_AFTER_MS);
  setTimeout(() => place.remove(), READ_AFTER_MS); // or whoever goes through the page would hear it twice
}

function show(next, address) {
  if (address !== location.href) history.pushState(null, "", address);
  document.title = next.title;
  document.body.replaceWith(document.adoptNode(next.body));
  window.scrollTo({ top: 0, behavior: "instant" });
  const { body } = document;
  body.classList.add("is-settling");
  setTimeout(() => body.classList.remove("is-settling"), SETTLING_MS);
  document.dispatchEvent(new Event("turned"));
  document.querySelector("main [aria-invalid=true]")?.focus();
  announce();
}

function complain(sentence) {
  const place = document.querySelector("[data-lost]");
  if (!place) return;
  place.querySelector("[data-lost-text]").textContent = sentence;
  place.hidden = false;
  place.scrollIntoView({ block: "nearest" });
}

async function turn(address, options, otherwise) {
  if (isTurning) return;
  isTurning = true;
  const main = document.querySelector("main");
  const focused = document.activeElement;
  main.inert = true; // what is pressed now would go to a listing that is about to leave
  try {
    const answer = await fetch(address, { headers: { [TURNING]: "1" }, ...options });
    const next = new DOMParser().parseFromString(await answer.text(), "text/html");
    const shown = new URL(answer.headers.get("Content-Location") ?? answer.url, location.href).href;
    if (needsMore(next)) otherwise(answer, shown);
    else show(next, shown);
  } catch {
    complain(gettext("There is no connection at the moment. What you chose is still here: try again."));
  } finally {
    isTurning = false;
    main.inert = false;
    if (main.isConnected) focused?.focus({ preventScroll: true });
    for (const button of document.querySelectorAll(".is-busy")) button.classList.remove("is-busy");
  }
}

// A form that was refused is shown by the browser, which sends it again: it is not stored yet, or only once.
function send(form) {
  const button = form.querySelector("button:not([type=button])");
  button?.classList.add("is-busy");
  turn(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) }, (answer, shown) => {
    if (answer.redirected) location.assign(shown);
    else form.submit();
  });
}

const follow = (address) => turn(address, {}, (_answer, shown) => location.assign(shown));

if (window.fetch && document.querySelector("form[data-review=draft]")) {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || !form.matches("form[data-review=draft], form[data-undo]")) return;
    event.preventDefault();
    send(form);
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-next], [data-previous]");
    if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    follow(link.href);
  });
  window.addEventListener("popstate", () => follow(location.href));
}
