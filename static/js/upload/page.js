// The upload page: photos are chosen, made small, kept, sent in parts and followed until they are tagged.

import { makeDraggable } from "../dragging.js";
import { filled, gettext, ngettext } from "../words.js";
import { Announcer } from "./announcer.js";
import { openOutbox } from "./outbox.js";
import { Pictures } from "./pictures.js";
import { Pile } from "./pile.js";
import { SignedOut } from "./requests.js";
import { Rows } from "./rows.js";
import { Sender } from "./sender.js";
import { Summary } from "./summary.js";
import { follow } from "./following.js";

const ROWS_AT_ONCE = 10;
const LONG_PILE = 20; // photos, from which on nobody watches

const form = document.getElementById("upload-form");
const part = (name) => form.querySelector(`[data-${name}]`);
const input = form.querySelector("input[name=photos]");
const drop = part("drop");
const errors = part("errors");

input.required = false; // it empties when its photos are taken in; that there is none is said here

const owner = form.dataset.owner;
const action = form.action;
const pictures = new Pictures(form.dataset.worker);
const rows = new Rows(part("rows"), document.getElementById("upload-row"), form.dataset.icons, { remove, again: enqueue, joined: setAngle });
const announcer = new Announcer(part("announcer"));
const summary = new Summary(part("summary"), announcer);

let outbox;
let pile;
let sender;
let awake = null; // a sleeping phone stops sending

// --- Choosing ---

const pause = () => new Promise((resolve) => setTimeout(resolve));

let choosing = Promise.resolve();

function choose(files) {
  const chosen = [...files]; // the list itself empties with its field
  choosing = choosing.then(() => take(chosen));
}

// Hundreds at once: a few rows at a time, so that the page answers in between.
async function take(files) {
  const fresh = files.filter((file) => !pile.holds(file));
  const known = files.length - fresh.length;
  input.value = part("camera").value = "";
  say(known ? [ngettext("{count} photo is here already.", "{count} photos are here already.", known)] : [], { count: known });
  if (pile.photos.length === 0 || pile.isForgotten) pile.keepRecord(); // not awaited: until it has a photo it may be forgotten again
  for (let start = 0; start < fresh.length; start += ROWS_AT_ONCE) {
    const chosen = fresh.slice(start, start + ROWS_AT_ONCE).map((file) => ({ file, photo: pile.add(file) }));
    rows.add(chosen.map(({ photo }) => photo));
    for (const { file, photo } of chosen) keepThenPrepare(file, photo);
    refresh();
    await pause();
  }
}

let lastKept = Promise.resolve();

function keepThenPrepare(file, photo) {
  // The file itself is kept until its small copy is: a tab may be closed in between.
  lastKept = lastKept.then(() => (photo.state === "preparing" && pile.photos.includes(photo) ? pile.keep(photo, file) : null));
  pictures.prepare(photo.key, file).then((found) => arrive(photo, found));
}

async function arrive(photo, { blob, name, thumbnail = null, wasLocated = false, advice = [], likeness = "", isUnreadable = false }) {
  if (!pile.photos.includes(photo)) return; // removed meanwhile
  if (isUnreadable) return lose(photo);
  Object.assign(photo, { name, wasLocated, advice, likeness, thumbnail, bytes: blob.size });
  const { isSubmitted } = pile.record; // where it becomes so from here on, the photo is sent with all that are chosen
  photo.state = isSubmitted ? "waiting" : "chosen";
  await pile.keep(photo, blob);
  rows.showPicture(photo, thumbnail);
  show(photo);
  if (isSubmitted) sender.add(photo);
}

async function lose(photo) {
  Object.assign(photo, { state: "problem", problem: unreadable(), isUnreadable: true });
  show(photo);
  announcer.problem(photo);
  sender.remove(photo); // the others may have waited for it
  await pile.keep(photo);
}

const unreadable = () =>
  gettext("This photo cannot be read. If it is kept online, download it to this device first. Then choose it again.");

async function remove(photo) {
  const at = pile.photos.indexOf(photo);
  const removed = pile.remove(photo);
  sender.remove(photo);
  rows.remove(photo);
  await removed;
  if (pile.photos[at]) show(pile.photos[at]); // it may be the first of its product now
  refresh();
}

async function setAngle(photo, isAngle) {
  await pile.setAngle(photo, isAngle);
  show(photo);
}

makeDraggable(part("rows"), {
  source: (element) => (pile?.record.isSubmitted ? null : element.closest("li")),
  target: (element, row) => (element.closest("[data-rows] li") === row ? null : element.closest("[data-rows] li")),
  async dropped(row, over) {
    const photo = rows.photoOf(row, pile.photos);
    await pile.join(photo, rows.photoOf(over, pile.photos));
    rows.place(photo, pile.photos);
    pile.photos.forEach(show);
  },
});

function show(photo) {
  rows.show(photo, pile.twinOf(photo));
  refresh();
}

// --- Sending ---

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  await ready;
  await choosing;
  if (pile.photos.length > 0) return submit();
  input.focus();
  say([gettext("Choose at least one photo.")], {}, "error");
});

async function submit() {
  say([]);
  pile.record.isSubmitted = true;
  summary.takeFocus();
  pile.record.fields = Object.fromEntries([...new FormData(form)].filter(([name]) => !FIXED.includes(name)));
  await pile.keepRecord();
  for (const photo of pile.photos.filter(({ state }) => state === "chosen")) enqueue(photo);
  refresh();
  awake = await navigator.wakeLock?.request("screen").catch(() => null);
}

const FIXED = ["csrfmiddlewaretoken", "token", "part", "photos"];

function fields() {
  const body = new FormData();
  body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  body.set("token", pile.record.token);
  body.set("part", 0);
  for (const [name, value] of Object.entries(pile.record.fields)) body.set(name, value);
  return body;
}

// The photos of one product keep their order.
// What is chosen counts until it is sent, what was sent from then on.
const arrangement = () => (pile.record.isSubmitted ? pile.record.fields.arrangement : form.elements.arrangement?.value);
const isOneProduct = () => form.dataset.inOrder === "yes" || arrangement() === "one";
const isInOrder = () => isOneProduct() || pile.hasAngles;

const productOf = (photo) => (pile.hasAngles ? pile.productOf(photo) : null);

const isMoreComing = () => pile.count("preparing") > 0;

function enqueue(photo) {
  photo.state = "waiting";
  photo.problem = "";
  show(photo);
  sender.add(photo);
}

const on = {
  sending(photo) {
    photo.state = "sending";
    show(photo);
  },
  waiting(photo) {
    photo.state = "waiting";
    show(photo);
  },
  async stored(photo, answer) {
    photo.state = "stored";
    photo.copyOf = answer.copies[photo.key] ?? null;
    summary.trouble("");
    show(photo);
    if (pile.record.status !== answer.status) {
      pile.record.status = answer.status;
      await pile.keepRecord();
    }
    followTagging();
    await pile.keep(photo);
  },
  async refused(photo, sentence, { mayTryAgain = false } = {}) {
    Object.assign(photo, { state: "problem", problem: sentence || gettext("The site did not accept this photo."), mayTryAgain });
    show(photo);
    announcer.problem(photo);
    await pile.keep(photo);
  },
  unreadable: lose,
  trouble(error) {
    summary.trouble(error instanceof SignedOut ? "signed-out" : "network", error.isSite ? siteTrouble(error) : undefined);
  },
};

const siteTrouble = ({ sentence }) =>
  sentence || gettext("The site has a problem just now. Nothing is lost; it goes on by itself.");

part("tell-me").addEventListener("click", async () => {
  await Notification.requestPermission();
  refresh();
});
part("now").addEventListener("click", () => sender.tryNow());

// --- Following ---

let isFollowing = false;

async function followTagging() {
  if (isFollowing) return;
  isFollowing = true;
  await follow(pile.record.status, {
    isDone: () => pile.isSent && pile.count("stored") === 0,
    finished(each) {
      const photo = pile.photos.find(({ key }) => key === each.key);
      if (photo?.state !== "stored") return;
      photo.state = each.state === "failed" ? "untagged" : "ready";
      photo.problem = each.reason;
      show(photo);
      pile.keep(photo);
    },
    lookAlikes: (count) => summary.lookAlikes(count),
    signedOut: () => summary.trouble("signed-out"),
    signedIn() {
      summary.trouble("");
      sender.tryNow();
    },
  });
  isFollowing = false;
}

let isDrawn = true;

// At most once a frame, however many photos have changed.
function refresh() {
  if (!isDrawn) return;
  isDrawn = false;
  requestAnimationFrame(draw);
}

function draw() {
  isDrawn = true;
  const { isSubmitted } = pile.record;
  const count = pile.photos.length;
  part("chosen").hidden = count === 0;
  rewrite(part("chosen-count"), counted(count));
  part("clear").hidden = isSubmitted;
  part("rows").classList.toggle("is-one-product", isOneProduct());
  for (const name of ["arrangement", "common"]) part(name)?.toggleAttribute("hidden", isSubmitted); // the same for all
  part("actions").hidden = isSubmitted;
  drop.hidden = isSubmitted && pile.isThrough && pile.arrived > 0;
  drop.classList.toggle("is-small", isSubmitted);
  const room = Number(form.dataset.room);
  const left = count - pile.arrived;
  const roomLeft = ngettext("The shop has room for {count} more photo.", "The shop has room for {count} more photos.", room);
  rewrite(part("no-room-text"), left > room ? filled(roomLeft, { count: room }) : "", (words) => announcer.say(words));
  part("no-room").hidden = left <= room;
  part("not-lasting").hidden = outbox.isLasting || count === 0;
  if (isSubmitted) summary.show(pile, sender.bytesInFlight);
  const mayAsk = "Notification" in window && Notification.permission === "default";
  part("offer").hidden = !mayAsk || pile.isThrough || count < LONG_PILE;
  if (isSubmitted && pile.isThrough) {
    awake?.release();
    awake = null;
    if (pile.isOver && !pile.isForgotten) pile.forget();
  }
}

// What is read aloud when it changes is left alone until it does.
function rewrite(element, words, onChange = () => {}) {
  if (element.textContent === words) return;
  element.textContent = words;
  if (words) onChange(words);
}

function counted(count) {
  const photos = filled(ngettext("{count} photo", "{count} photos", count), { count });
  if (!pile.hasAngles) return photos;
  const { products } = pile;
  const words = ngettext("{photos} of {products} product", "{photos} of {products} products", products);
  return filled(words, { photos, products });
}

// --- The page itself ---

function say(sentences, values = {}, level = "info") {
  errors.replaceChildren(
    ...sentences.map((sentence) => {
      const notice = document.getElementById("upload-notice").content.firstElementChild.cloneNode(true);
      notice.classList.add(`notice-${level}`);
      notice.querySelector("div").textContent = filled(sentence, values);
      return notice;
    }),
  );
  if (sentences.length) errors.scrollIntoView({ block: "nearest" });
}

async function begin() {
  outbox = await openOutbox();
  const left = await firstLeft(await outbox.piles(owner, action));
  pile = left ?? Pile.begin(outbox, { owner, action });
  if (!left) await isHeld(pile.record.token);
  sender = new Sender({ action, fields, blobOf: (photo) => pile.blobOf(photo), productOf, isInOrder, isMoreComing, on });
  if (left) await goOn();
  part("arrangement")?.addEventListener("change", refresh);
  refresh();
  for (const each of [input, part("camera")]) {
    each.addEventListener("change", () => choose(each.files));
    if (each.files.length) choose(each.files); // chosen before this was loaded, or kept by the browser over a reload
  }
}

// The first pile that is not over. Another tab may be at work on it already: whoever holds its lock sends it.
async function firstLeft(records) {
  for (const record of records) {
    if (!(await isHeld(record.token))) continue;
    const found = await Pile.restore(outbox, record);
    if (found.photos.length > 0 && !found.isOver) return found;
    await found.forget();
  }
  return null;
}

function isHeld(token) {
  if (!navigator.locks) return true;
  return new Promise((resolve) => {
    navigator.locks.request(`lapel-${token}`, { ifAvailable: true }, (lock) => {
      resolve(lock !== null);
      return lock && new Promise(() => {}); // until the page is closed
    });
  });
}

async function goOn() {
  rows.add(pile.photos);
  for (const photo of pile.photos) {
    rows.showPicture(photo, photo.thumbnail);
    if (photo.state === "preparing") {
      const file = await pile.blobOf(photo);
      if (file) pictures.prepare(photo.key, new File([file], photo.name, { type: file.type })).then((found) => arrive(photo, found));
      else await remove(photo); // the page was closed before it could be kept
    } else if (photo.state === "waiting") sender.add(photo);
    show(photo);
  }
  if (pile.record.status) followTagging();
  if (pile.record.isSubmitted && !pile.isSent) say([gettext("The upload goes on where it stopped.")]);
}

window.addEventListener("beforeunload", (event) => {
  if (!pile || outbox.isLasting || pile.isSent) return;
  event.preventDefault();
  event.returnValue = gettext("Photos are still being sent.");
});

part("clear").addEventListener("click", async () => {
  for (const photo of [...pile.photos]) await pile.remove(photo);
  rows.clear();
  refresh();
  input.focus();
});
for (const type of ["dragenter", "dragover"]) {
  drop.addEventListener(type, (event) => {
    event.preventDefault();
    drop.classList.add("is-over");
  });
}
for (const type of ["dragleave", "drop"]) {
  drop.addEventListener(type, () => drop.classList.remove("is-over"));
}
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  choose(event.dataTransfer.files);
});
document.documentElement.classList.add("is-enhanced");
const ready = begin();
