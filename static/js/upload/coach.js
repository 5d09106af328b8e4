// Advice about a photo before it is sent. It never stops anybody: the seller knows the product.
//
// Measured on a grey copy (0 to 255, longest side GREY_SIDE_PX), so what is said is what the eye sees on a phone.

export const GREY_SIDE_PX = 384;

export const LIMITS = {
  smallSidePx: 500, // what most sales channels ask for, of the longest side
  darkBelow: 100, // the 90th percentile of the grey values
  blurredAbove: 0.55,
  tiltDegrees: [3.5, 14],
  tiltClarity: 5,
  farBelow: 0.06,
};

const EDGE = 24; // grey values per pixel
const BACKGROUND_SPREAD = 28; // grey values around the border's median that count as background

// grey: Float32Array [height * width], row by row; size: the photo's own. Returns codes.
export function advise(grey, width, height, size) {
  const found = measure(grey, width, height);
  const isTilted =
    found.clarity > LIMITS.tiltClarity && found.tilt >= LIMITS.tiltDegrees[0] && found.tilt <= LIMITS.tiltDegrees[1];
  const advice = {
    small: Math.max(size.width, size.height) < LIMITS.smallSidePx,
    dark: found.bright < LIMITS.darkBelow,
    blurred: found.blur > LIMITS.blurredAbove,
    tilted: isTilted,
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

// The angle at which most straight edges stand off upright or level, in degrees, and how clearly they do.
function tilt(grey, width, height) {
  const bins = new Float32Array(90);
  for (let y = 1; y + 1 < height; y += 1) {
    for (let x = 1; x + 1 < width; x += 1) {
      const at = y * width + x;
      const across = grey[at + 1] - grey[at - 1];
      const down = grey[at + width] - grey[at - width];
      const steep = Math.hypot(across, down);
      if (steep > 2 * EDGE) bins[Math.floor((((Math.atan2(down, across) * 180) / Math.PI + 360) % 90))] += steep;
    }
  }
  const smooth = bins.map((_, at) => (bins[(at + 89) % 90] + bins[at] + bins[(at + 1) % 90]) / 3);
  const peak = smooth.indexOf(Math.max(...smooth));
  const angle = peak + 0.5;
  return { tilt: Math.min(angle, 90 - angle), clarity: smooth[peak] / (percentile(smooth, 0.5) || Infinity) };
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
