// Looks at one photo after the other, away from the page: makes it small and upright, and finds advice about it.
//
// In: {id, file}. Out: {id, blob, name, thumbnail, wasLocated, advice, likeness}, where `blob` is what will travel, or
// {id, blob: file, name, wasLocated, isUnreadable} where that failed, as with HEIC in most browsers: the site judges it,
// unless nobody can even read the file.

import { GREY_SIDE_PX, advise } from "./coach.js";
import { hasLocation } from "./location.js";
import { isReadable } from "./reading.js";

const MAX_SIDE_PX = 1600;
const JPEG_QUALITY = 0.82;
const CERTAINLY_SMALL_BYTES = 200 * 1024;
const THUMBNAIL_SIDE_PX = 144;
const LIKENESS_SIDE = 16;
const CLEAR_STEP = 3; // grey levels; what differs by less is noise

self.addEventListener("message", async ({ data: { id, file } }) => {
  self.postMessage({ id, ...(await answer(file)) });
});
self.postMessage({ isReady: true });

// There is one whatever happens: the page waits for it, and all photos behind this one.
async function answer(file) {
  let wasLocated = false;
  try {
    wasLocated = await hasLocation(file);
    return await prepared(file, wasLocated);
  } catch {
    return { blob: file, name: file.name, wasLocated, isUnreadable: !(await isReadable(file)) };
  }
}

async function prepared(file, wasLocated) {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  try {
    return { ...(await seen(file, bitmap, wasLocated)), wasLocated };
  } finally {
    bitmap.close();
  }
}

async function seen(file, bitmap, wasLocated) {
  const size = { width: bitmap.width, height: bitmap.height };
  const travels = await travelling(file, bitmap, wasLocated);
  const thumbnail = await encoded(drawn(bitmap, THUMBNAIL_SIDE_PX), 0.7);
  const small = drawn(bitmap, GREY_SIDE_PX);
  const grey = greyOf(small);
  const advice = advise(grey, small.width, small.height, size);
  return { ...travels, thumbnail, advice, likeness: likenessOf(small) };
}

async function travelling(file, bitmap, wasLocated) {
  const isSmall = Math.max(bitmap.width, bitmap.height) <= MAX_SIDE_PX && file.size <= CERTAINLY_SMALL_BYTES;
  if (isSmall && !wasLocated) return { blob: file, name: file.name };
  const blob = await encoded(drawn(bitmap, MAX_SIDE_PX), JPEG_QUALITY);
  if (blob.size >= file.size && !wasLocated) return { blob: file, name: file.name };
  return { blob, name: file.name.replace(/\.\w+$/, "") + ".jpg" };
}

// Never enlarged; on white, as what is transparent has no colour in a JPEG.
function drawn(bitmap, longest) {
  const scale = Math.min(1, longest / Math.max(bitmap.width, bitmap.height));
  const side = (length) => Math.max(1, Math.round(scale * length));
  const canvas = new OffscreenCanvas(side(bitmap.width), side(bitmap.height));
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas;
}

const encoded = (canvas, quality) => canvas.convertToBlob({ type: "image/jpeg", quality });

function greyOf(canvas) {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const grey = new Float32Array(data.length / 4);
  for (let at = 0; at < grey.length; at += 1) {
    grey[at] = 0.299 * data[4 * at] + 0.587 * data[4 * at + 1] + 0.114 * data[4 * at + 2];
  }
  return grey;
}

// 512 bits that hardly change when a photo is made smaller or compressed anew, as the site makes them of what it stores:
// is each of 16 x 16 points clearly darker, or clearly lighter, than the next?
function likenessOf(canvas) {
  const width = LIKENESS_SIDE + 1;
  const tiny = new OffscreenCanvas(width, LIKENESS_SIDE);
  const context = tiny.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(canvas, 0, 0, width, LIKENESS_SIDE);
  const grey = greyOf(tiny);
  const points = LIKENESS_SIDE * LIKENESS_SIDE;
  const bits = new Uint32Array((2 * points) / 32);
  for (let point = 0; point < points; point += 1) {
    const at = width * Math.floor(point / LIKENESS_SIDE) + (point % LIKENESS_SIDE);
    const step = grey[at + 1] - grey[at];
    if (step > CLEAR_STEP) bits[point >> 5] |= 1 << (point & 31);
    if (step < -CLEAR_STEP) bits[(points + point) >> 5] |= 1 << (point & 31);
  }
  return bits;
}
