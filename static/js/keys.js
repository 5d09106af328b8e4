// Keys that mean the same on every keyboard, whatever letters are on it: Hindi or Arabic ones, or none of ours.

// 1 to 9, or 0 for any other key.
export function numberOf({ key, code, shiftKey }) {
  const place = shiftKey ? null : /^(?:Digit|Numpad)([1-9])$/.exec(code);
  return Number(place?.[1] ?? (/^[1-9]$/.test(key) ? key : 0));
}

// U, or Ctrl + Z, which is where it is whatever the letters.
export const isUndo = ({ key, code, ctrlKey, metaKey, altKey }) =>
  !altKey && (ctrlKey || metaKey ? code === "KeyZ" : key.toLowerCase() === "u");

export const hasModifier = ({ ctrlKey, metaKey, altKey }) => ctrlKey || metaKey || altKey;

export const isHelp = (event) => !hasModifier(event) && (event.key === "?" || event.key === "؟");
