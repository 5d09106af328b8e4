// Whether a photo tells where it was taken: EXIF in JPEG, PNG and WebP, read out of the file's first bytes; and in HEIC,
// where it may lie anywhere.

const HEAD_BYTES = 256 * 1024;
const GPS_POINTER = 0x8825;
const MAX_ENTRIES = 200;
const POSITION_TAGS = [2, 4, 20, 22]; // latitude and longitude, of here and of the destination

export async function hasLocation(file) {
  const isHeic = (await file.slice(4, 8).text()) === "ftyp";
  const bytes = new Uint8Array(await file.slice(0, isHeic ? file.size : HEAD_BYTES).arrayBuffer());
  for (let start = find(bytes, 0); start >= 0; start = find(bytes, start + 4)) {
    try {
      if (tellsPosition(new DataView(bytes.buffer, start))) return true;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error; // points outside: not a block, or cut off
    }
  }
  return false;
}

// Where a TIFF header begins that may be an EXIF block: "II*\0" or "MM\0*"; -1 where there is none.
function find(bytes, from) {
  for (let at = from; at + 8 < bytes.length; at += 1) {
    if (bytes[at] !== bytes[at + 1]) continue;
    if (bytes[at] === 0x49 && bytes[at + 2] === 0x2a && bytes[at + 3] === 0) return at;
    if (bytes[at] === 0x4d && bytes[at + 2] === 0 && bytes[at + 3] === 0x2a) return at;
  }
  return -1;
}

function tellsPosition(block) {
  const isLittle = block.getUint16(0) === 0x4949;
  const pointer = entries(block, block.getUint32(4, isLittle), isLittle).find((entry) => entry.tag === GPS_POINTER);
  if (!pointer) return false;
  return entries(block, pointer.value, isLittle).some((entry) => POSITION_TAGS.includes(entry.tag));
}

function entries(block, offset, isLittle) {
  const count = Math.min(block.getUint16(offset, isLittle), MAX_ENTRIES);
  return Array.from({ length: count }, (_, number) => {
    const at = offset + 2 + 12 * number;
    return { tag: block.getUint16(at, isLittle), value: block.getUint32(at + 8, isLittle) };
  });
}
