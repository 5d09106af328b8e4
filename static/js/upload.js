// Sends a pile of photos in small parts, so that a slow or broken network costs one part and not the pile.
// Token and part number make a repeated part harmless. Large pictures are made smaller before they travel.

const FILES_PER_PART = 10;
const BYTES_PER_PART = 4 * 1024 * 1024;
const PAUSES_MS = [2000, 5000, 10000];
const PART_TIMEOUT_MS = 5 * 60 * 1000;
const MAX_SIDE_PX = 2048;
const CERTAINLY_SMALL_BYTES = 300 * 1024;
const JPEG_QUALITY = 0.88;
const MAX_PREVIEWS = 48;
const PREVIEW_SIDE_PX = 168;
const SHRINKABLE = ["image/jpeg", "image/png", "image/webp"];

const form = document.getElementById("upload-form");
const input = form.querySelector("input[type=file]");
const drop = form.querySelector("[data-drop]");
const previews = form.querySelector("[data-previews]");
const sendButton = form.querySelector("[data-send]");
const status = form.querySelector("[data-status]");
const progress = form.querySelector("[data-progress]");
const sending = form.querySelector("[data-sending]");
const errors = form.querySelector("[data-errors]");

const files = []; // what is still to be sent, in order
let part = 0;
let sentCount = 0;
let totalCount = 0;
let progressUrl = "";
let filesPerPart = FILES_PER_PART;
let inFlight = null; // the part that was not acknowledged yet: it is repeated as it was
let isSending = false;

const text = (name, values = {}) =>
  Object.entries(values).reduce((line, [key, value]) => line.replace(`{${key}}`, value), form.dataset[`text${name}`]);
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// --- Choosing ---

function choose(list) {
  for (const file of list) files.push(file);
  input.value = "";
  refresh();
}

function refresh() {
  const chosen = form.querySelector("[data-chosen]");
  chosen.hidden = files.length === 0;
  input.required = files.length === 0;
  form.querySelector("[data-chosen-count]").textContent = text("Chosen", { count: files.length });
  const shown = files.slice(0, MAX_PREVIEWS);
  for (const item of [...previews.children]) {
    if (!shown.includes(item.file)) item.remove();
  }
  const present = new Set([...previews.children].map((item) => item.file));
  for (const file of shown) {
    if (!present.has(file)) previews.append(previewOf(file));
  }
  if (files.length > shown.length) {
    const rest = document.createElement("li");
    rest.textContent = text("Rest", { count: files.length - shown.length });
    previews.append(rest);
  }
  drawNext();
}

function previewOf(file) {
  const item = document.createElement("li");
  item.file = file;
  const name = document.createElement("span");
  name.className = "file-name";
  name.textContent = file.name;
  const button = document.createElement("button");
  button.type = "button";
  button.setAttribute("aria-label", text("Remove", { name: file.name }));
  button.append(icon("cross"));
  button.addEventListener("click", () => {
    const next = item.nextElementSibling ?? item.previousElementSibling;
    files.splice(files.indexOf(file), 1);
    refresh();
    (next?.querySelector("button") ?? input).focus();
  });
  item.append(name, button);
  return item;
}

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${form.dataset.icons}#${name}`);
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

let isDrawing = false;

// One at a time: a phone has little memory, and a photo is large until it is small.
async function drawNext() {
  if (isDrawing) return;
  isDrawing = true;
  for (let item; (item = [...previews.children].find((child) => child.file && !child.wasDrawn)); ) {
    item.wasDrawn = true;
    try {
      const bitmap = await createImageBitmap(item.file, { imageOrientation: "from-image" });
      const scale = PREVIEW_SIDE_PX / Math.min(bitmap.width, bitmap.height);
      const canvas = drawn(bitmap, Math.min(1, scale));
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", item.file.name);
      item.querySelector(".file-name")?.replaceWith(canvas);
    } catch {
      // Not a picture that this browser can read: its name stays, and the site judges it.
    }
  }
  isDrawing = false;
}

function drawn(bitmap, scale) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return canvas;
}

// --- Making smaller ---

async function shrunk(file) {
  if (!SHRINKABLE.includes(file.type) || file.size <= CERTAINLY_SMALL_BYTES) return file;
  try {
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = MAX_SIDE_PX / Math.max(bitmap.width, bitmap.height);
    if (scale >= 1) {
      bitmap.close();
      return file;
    }
    const canvas = drawn(bitmap, scale);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", JPEG_QUALITY));
    if (!blob || blob.size >= file.size) return file;
    return new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" });
  } catch {
    return file;
  }
}

// --- Sending ---

class Refused extends Error {
  constructor(sentences) {
    super("refused");
    this.sentences = sentences;
  }
}

async function nextPart() {
  const prepared = [];
  let bytes = 0;
  for (const file of files.slice(0, filesPerPart)) {
    const small = await shrunk(file);
    if (prepared.length > 0 && bytes + small.size > BYTES_PER_PART) break;
    prepared.push(small);
    bytes += small.size;
  }
  return prepared;
}

async function post(prepared) {
  const body = new FormData(form);
  body.delete(input.name);
  body.set("part", part);
  for (const file of prepared) body.append(input.name, file, file.name);
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), PART_TIMEOUT_MS);
  try {
    const response = await fetch(form.action, {
      method: "POST",
      body,
      headers: { "X-Requested-With": "fetch", Accept: "application/json" },
      signal: abort.signal,
    });
    if (response.status >= 500 || response.status === 408 || response.status === 429) throw new TypeError("again");
    if (response.status === 413) return { isTooLarge: true };
    const answer = await response.json().catch(() => ({}));
    if (!response.ok || !answer.progress) throw new Refused(answer.errors ?? [text("Refused")]);
    return answer;
  } finally {
    clearTimeout(timer);
  }
}

async function postWithRetries(prepared) {
  for (const pause of [...PAUSES_MS, null]) {
    try {
      return await post(prepared);
    } catch (error) {
      if (error instanceof Refused || pause === null) throw error;
      status.textContent = text("Waiting");
      await wait(pause);
      showSent();
    }
  }
}

function showSent() {
  progress.max = totalCount;
  progress.value = sentCount;
  status.textContent = text("Sent", { sent: sentCount, total: totalCount });
}

async function sendAll() {
  while (files.length > 0) {
    inFlight ??= await nextPart();
    showSent();
    const answer = await postWithRetries(inFlight);
    if (answer.isTooLarge) {
      if (inFlight.length === 1) throw new Refused([text("Refused")]);
      filesPerPart = Math.ceil(inFlight.length / 2);
      inFlight = null;
      continue;
    }
    progressUrl = answer.progress;
    files.splice(0, inFlight.length);
    sentCount += inFlight.length;
    part += 1;
    inFlight = null;
    showSent();
  }
}

function showErrors(sentences) {
  errors.replaceChildren(
    ...sentences.map((sentence) => {
      const notice = document.createElement("div");
      notice.className = "notice notice-error";
      const line = document.createElement("div");
      line.textContent = sentence;
      notice.append(icon("warning"), line);
      return notice;
    }),
  );
  errors.scrollIntoView({ block: "center" });
}

function setBusy(busy) {
  isSending = busy;
  sendButton.disabled = busy;
  sendButton.classList.toggle("is-busy", busy);
  const isFixed = busy || part > 0 || inFlight !== null; // a part that may have arrived must be repeated as it was
  drop.hidden = isFixed;
  form.querySelector("[data-arrangement]")?.toggleAttribute("hidden", isFixed); // the same for all parts
  form.querySelector("[data-clear]").hidden = isFixed;
  for (const button of previews.querySelectorAll("button")) button.hidden = isFixed;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (isSending) return;
  if (files.length === 0) {
    showErrors([text("None")]);
    return;
  }
  errors.replaceChildren();
  totalCount = sentCount + files.length;
  sending.hidden = false;
  status.textContent = text("Preparing");
  setBusy(true);
  const awake = await navigator.wakeLock?.request("screen").catch(() => null); // a sleeping phone stops sending
  try {
    await sendAll();
    status.textContent = text("Done");
    isSending = false;
    window.location.assign(progressUrl);
  } catch (error) {
    if (error instanceof Refused) {
      inFlight = null;
      showErrors(error.sentences);
      showSent();
    } else {
      status.textContent = text("Failed", { sent: sentCount, total: totalCount });
    }
    sendButton.querySelector("span").textContent = sendButton.dataset.againText;
    setBusy(false);
  } finally {
    awake?.release();
  }
});

window.addEventListener("beforeunload", (event) => {
  if (!isSending) return;
  event.preventDefault();
  event.returnValue = text("Leave");
});

input.addEventListener("change", () => choose(input.files));
form.querySelector("[data-clear]").addEventListener("click", () => {
  files.length = 0;
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
drop.classList.add("is-enhanced");
if (input.files.length) choose(input.files); // chosen before this was loaded, or kept by the browser over a reload
