// From one listing of the review to the next without loading everything anew: the page's body gives way to the next.
// What cannot be had this way is left to the browser: without this script each listing is a page of its own.

import { forgetEntered, restoreEntered } from "./entered.js";
import { gettext } from "./words.js";

const TURNING = "X-Turning"; // asks for the next listing in place of the way to it
const ANNOUNCED_AFTER_MS = 100;
const READ_AFTER_MS = 5000;
const BUSY_AFTER_MS = 250;
const SETTLING_MS = 300; // the second half of a double click is not meant for the listing that came in between
const withoutPart = ({ pathname, search }) => pathname + search;
let isTurning = false;
let shown = withoutPart(location);

// Calls `prepare` for the body that is here, and for each that comes.
export function onTurn(prepare) {
  prepare();
  document.addEventListener("turned", prepare);
}

// Styles and scripts stay: a page that needs others, or is none of ours, is loaded as a whole.
function needsMore(next) {
  if (!next.querySelector("main")) return true;
  const needed = [...next.querySelectorAll("head > link[rel=stylesheet], head > script[src]")];
  return needed.some((each) => {
    const address = each.getAttribute("href") ?? each.getAttribute("src");
    return !document.head.querySelector(`[href="${CSS.escape(address)}"], [src="${CSS.escape(address)}"]`);
  });
}

// What a page that is loaded would have said: what happened (alerts say themselves), how many are left, which listing it is.
const SPOKEN = "main :is(.notice:not([role=alert]), .undo p, .review-count, h1)";

// A place that is there before its words are is read aloud; what comes with a whole page is not.
function announce() {
  const spoken = [...document.querySelectorAll(SPOKEN)].filter((each) => !each.closest("[hidden]"));
  const words = spoken.map((each) => each.textContent.trim().replace(/\s+/g, " "));
  const place = document.createElement("p");
  place.className = "visually-hidden";
  place.setAttribute("role", "status");
  document.querySelector("main").append(place);
  setTimeout(() => { place.textContent = words.join(" "); }, ANNOUNCED_AFTER_MS);
  setTimeout(() => place.remove(), READ_AFTER_MS); // or whoever goes through the page would hear it twice
}

// Whoever reads with the keyboard or aloud goes on from the listing, not from the top of the page.
function focus() {
  const wrong = document.querySelector("main [aria-invalid=true]");
  if (wrong) wrong.focus();
  else if (document.activeElement === document.body) {
    const main = document.querySelector("main");
    main.tabIndex = -1;
    main.focus({ preventScroll: true });
  }
}

// The photo of the listing after this one, as soon as this one's is there: in memory, where the page finds it at once.
let photoAhead = null;

function loadAhead(address) {
  const photo = document.querySelector("[data-gallery-large] img");
  const load = () => {
    photoAhead = new Image();
    photoAhead.src = address;
  };
  if (!photo || photo.complete) load();
  else photo.addEventListener("load", load, { once: true });
}

function show(next, address) {
  shown = withoutPart(new URL(address));
  if (shown !== withoutPart(location)) history.pushState(null, "", address);
  document.title = next.title;
  const prefetch = next.querySelector("main link[rel=prefetch]");
  prefetch?.remove(); // which would ask before this listing's photo does
  const body = document.adoptNode(next.body);
  body.classList.add("is-settling");
  setTimeout(() => body.classList.remove("is-settling"), SETTLING_MS);
  document.body.replaceWith(body);
  restoreEntered();
  document.dispatchEvent(new Event("turned"));
  window.scrollTo({ top: 0, behavior: "instant" }); // lays the page out: once it is as it stays, without its long lists
  focus();
  announce();
  if (prefetch) loadAhead(prefetch.getAttribute("href"));
}

function complain(sentence, { offersSignIn = false } = {}) {
  const place = document.querySelector("[data-lost]");
  if (!place) return;
  place.querySelector("[data-lost-text]").textContent = sentence;
  place.querySelector("[data-sign-in]").hidden = !offersSignIn;
  place.hidden = false;
  place.scrollIntoView({ block: "nearest" });
}

const parsed = (text) => new DOMParser().parseFromString(text, "text/html");

async function ask(address, form) {
  const options = form ? { method: "POST", body: new URLSearchParams(new FormData(form)) } : {};
  const answer = await fetch(address, { headers: { [TURNING]: "1" }, ...options });
  return [answer, parsed(await answer.text())];
}

// Whoever signed in meanwhile, in another tab, has another token than this page.
async function renewToken() {
  const token = 'input[name="csrfmiddlewaretoken"]';
  const fresh = parsed(await (await fetch(location.href)).text()).querySelector(token);
  for (const each of fresh ? document.querySelectorAll(token) : []) each.value = fresh.value;
}

async function askOrRenew(address, form) {
  const [answer, next] = await ask(address, form);
  if (!form || answer.status !== 403) return [answer, next];
  await renewToken();
  return ask(address, form);
}

const isForVisitors = (next) => next.querySelector("[data-visitor]") !== null;

// The next listing, or this one with what is wrong or has changed meanwhile; any other page would cost what is typed here.
function isAnswer({ ok, status }, next) {
  if (isForVisitors(next)) return false;
  return next.querySelector(ok ? "main" : "main form") !== null && (ok || status === 400 || status === 409);
}

function refuse({ status }, next) {
  if (isForVisitors(next)) {
    const sentence = gettext("You are not signed in any more. Sign in, which opens a new tab, and come back here: what you chose is still here.");
    complain(sentence, { offersSignIn: true });
  } else if (status === 404) {
    complain(gettext("This listing was deleted, or it belongs to a shop that you do not work in. What you chose is still here."));
  } else {
    complain(gettext("The site has a problem at the moment. What you chose is still here: try again."));
  }
}

// Mostly the next listing is there sooner than a ring could turn, and drawing one would hold it up.
function showBusyIfSlow(form) {
  const button = form?.querySelector("button:not([type=button])");
  return setTimeout(() => button?.classList.add("is-busy"), BUSY_AFTER_MS);
}

async function turn(address, form, otherwise) {
  if (isTurning) return;
  isTurning = true;
  const busy = showBusyIfSlow(form);
  const main = document.querySelector("main");
  const focused = document.activeElement;
  main.inert = true; // what is pressed now would go to a listing that is about to leave
  try {
    const [answer, next] = await askOrRenew(address, form);
    const found = new URL(answer.headers.get("Content-Location") ?? answer.url, location.href).href;
    const isKept = document.querySelector("[data-lost]") !== null; // where nothing can be typed nothing is lost
    if (isKept && !isAnswer(answer, next)) {
      refuse(answer, next);
      return;
    }
    if (form && answer.status !== 400) forgetEntered(form);
    if (needsMore(next)) otherwise(answer, found);
    else show(next, found);
  } catch {
    complain(gettext("There is no connection at the moment. What you chose is still here: try again."));
  } finally {
    isTurning = false;
    clearTimeout(busy);
    main.inert = false;
    if (main.isConnected) focused?.focus({ preventScroll: true });
    for (const button of document.querySelectorAll(".is-busy")) button.classList.remove("is-busy");
  }
}

// A form that was refused is shown by the browser, which sends it again: it is not stored yet, or only once.
function send(form) {
  turn(form.action, form, (answer, found) => {
    if (answer.redirected) location.assign(found);
    else form.submit();
  });
}

const follow = (address) => turn(address, null, (_answer, found) => location.assign(found));

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
  // Not where only the part after # has changed: "Skip to the content" leads to no other listing.
  window.addEventListener("popstate", () => { if (withoutPart(location) !== shown) follow(location.href); });
}
