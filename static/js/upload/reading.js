// Whether all of a file can be read: what an app for photos kept online has lent may be gone, or never come.

const STEP_BYTES = 4 * 1024 * 1024; // a phone has little memory
const LONGEST_MS = 30 * 1000;

export function isReadable(file) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, LONGEST_MS, false);
    readThrough(file)
      .then(() => resolve(true), () => resolve(false))
      .finally(() => clearTimeout(timer));
  });
}

async function readThrough(file) {
  if (file.size <= STEP_BYTES) return file.arrayBuffer(); // a slice of what is gone may be empty, and read without error
  for (let at = 0; at < file.size; at += STEP_BYTES) await file.slice(at, at + STEP_BYTES).arrayBuffer();
  return null;
}
