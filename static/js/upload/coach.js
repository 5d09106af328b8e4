// Advice about a photo before it is sent. It never stops anybody: the seller knows the product.
//
// Measured on a grey copy (0 to 255, longest side GREY_SIDE_PX), so what is said is what the eye sees on a phone.

export const GREY_SIDE_PX = 384;

export const LIMITS = {
  smallSidePx: 500, // what most sales channels ask for, of the longest side
  darkBelow: 100, // the 90th percentile of the grey values
  blurredAbove: 0.55,
  tiltDegrees: 4.5,
  tiltGain: 0.06, // of the correlation with the mirror image
  farBelow: 0.06,
};

const MIRRORED_SIDE_PX = 64;
const MOST_DEGREES = 15;
const STEP_DEGREES = 1.5;
const AXIS_REACH = 0.15; // of the width, on both sides of the middle
const ELLIPSE = 0.92; // of the largest that fits, its axes squared
const BACKGROUND_SPREAD = 28; // grey values around the border's median that count as background

// grey: Float32Array [height * width], row by row; size: the photo's own. Returns codes.
export function advise(grey, width, height, size) {
  const found = measure(grey, width, height);
  const advice = {
    small: Math.max(size.width, size.height) < LIMITS.smallSidePx,
    dark: found.bright < LIMITS.darkBelow,
    blurred: found.blur > LIMITS.blurredAbove,
    tilted: found.tilt >= LIMITS.tiltDegrees && found.gain > LIMITS.tiltGain,
    far: found.share < LIMITS.farBelow,
  };
  return Object.keys(advice).filter((code) => advice[code]);
}

export function measure(grey, width, height) {
  return {
    bright: percentile(grey, 0.9),
    blur: Math.max(lost(grey, width, height), lost(transposed(grey, width, height), height, width)),
    ...tilt(grey, width, height),
    share: productShare(grey, width, height),
  };
}

function percentile(values, share) {
  return Float32Array.from(values).sort()[Math.floor(share * (values.length - 1))];
}

function transposed(grey, width, height) {
  const turned = new Float32Array(grey.length);
  for (let y = 0; y < height; y += 1) for (let x = 0; x < width; x += 1) turned[x * height + y] = grey[y * width + x];
  return turned;
}

// The share of a picture's variation along its rows that blurring once more leaves: high where it was blurred already.
// Crete et al., The blur effect (2007).
function lost(grey, width, height) {
  let [before, kept] = [0, 0];
  for (let y = 0; y < height; y += 1) {
    const row = grey.subarray(y * width, (y + 1) * width);
    for (let x = 5; x + 5 < width; x += 1) {
      const change = Math.abs(row[x] - row[x - 1]);
      const blurred = Math.abs(row[x + 4] - row[x - 5]) / 9;
      before += change;
      kept += Math.min(change, blurred);
    }
  }
  return before > 0 ? kept / before : 0;
}

// How many degrees a photo has to be turned for its left half to be most like its right one, and how much more alike
// they are then than as it stands: most products are, from in front, their own mirror image.
function tilt(grey, width, height) {
  const small = shrunk(grey, width, height, MIRRORED_SIDE_PX);
  const angles = [];
  for (let angle = -MOST_DEGREES; angle <= MOST_DEGREES; angle += STEP_DEGREES) angles.push(angle);
  const found = angles.map((angle) => symmetry(small, (angle * Math.PI) / 180));
  const best = found.indexOf(Math.max(...found));
  const upright = Math.max(...found.filter((_, at) => Math.abs(angles[at]) <= STEP_DEGREES));
  return { tilt: Math.abs(angles[best]), gain: found[best] - upright };
}

// The mean of each square of pixels.
function shrunk(grey, width, height, longest) {
  const step = Math.max(1, Math.ceil(Math.max(width, height) / longest));
  const small = { width: Math.floor(width / step), height: Math.floor(height / step) };
  small.values = new Float32Array(small.width * small.height);
  for (let y = 0; y < small.height * step; y += 1) {
    const row = Math.floor(y / step) * small.width;
    for (let x = 0; x < small.width * step; x += 1) small.values[row + Math.floor(x / step)] += grey[y * width + x] / step ** 2;
  }
  return small;
}

// Correlation of the turned picture with its mirror image, 1 at most, at the upright axis near the middle where it is
// highest. An ellipse of it counts: corners come from nowhere when it is turned.
function symmetry({ values, width, height }, radians) {
  const turned = new Float32Array(values.length);
  const [sine, cosine] = [Math.sin(radians), Math.cos(radians)];
  let [sum, count] = [0, 0];
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const across = x - (width - 1) / 2;
      const down = y - (height - 1) / 2;
      const fromX = Math.round(cosine * across - sine * down + (width - 1) / 2);
      const fromY = Math.round(sine * across + cosine * down + (height - 1) / 2);
      const counts = (2 * across / width) ** 2 + (2 * down / height) ** 2 <= ELLIPSE;
      turned[y * width + x] = counts && fromX >= 0 && fromX < width && fromY >= 0 && fromY < height ? values[fromY * width + fromX] : NaN;
      if (!Number.isNaN(turned[y * width + x])) [sum, count] = [sum + turned[y * width + x], count + 1];
    }
  }
  const level = turned.map((value) => (Number.isNaN(value) ? 0 : value - sum / count));
  const whole = level.reduce((total, value) => total + value * value, 0) || 1;
  const reach = Math.round(AXIS_REACH * width);
  let best = -1;
  for (let shift = -reach; shift <= reach; shift += 1) best = Math.max(best, mirrored(level, width, height, shift) / whole);
  return best;
}

function mirrored(level, width, height, shift) {
  let total = 0;
  for (let y = 0; y < height; y += 1) {
    for (let x = Math.max(0, shift); x < Math.min(width, width + shift); x += 1) {
      total += level[y * width + x] * level[y * width + width - 1 - x + shift];
    }
  }
  return total;
}

// Share of the pixels that differ from the border; 1 where the border has no one shade.
function productShare(grey, width, height) {
  const border = [];
  for (let x = 0; x < width; x += 1) border.push(grey[x], grey[(height - 1) * width + x]);
  for (let y = 0; y < height; y += 1) border.push(grey[y * width], grey[(y + 1) * width - 1]);
  const shade = percentile(border, 0.5);
  const differs = (value) => Math.abs(value - shade) > BACKGROUND_SPREAD;
  if (border.filter(differs).length > 0.15 * border.length) return 1;
  return grey.reduce((count, value) => count + differs(value), 0) / grey.length;
}
