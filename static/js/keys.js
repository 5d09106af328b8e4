// Keys that mean the same on every keyboard, whatever letters are on it: Hindi or Arabic ones, or none of ours.

import { recall, remember } from "./storage.js";

const STORAGE = ["localStorage", "keys"];

// A single letter, digit or arrow may mean something else to whoever speaks instead of typing, or to a screen reader.
export const areOn = () => recall(...STORAGE) !== "off";

// Whether a key may be one of ours; those with Ctrl always may.
export const mayAct = (event) => hasModifier(event) || areOn();

export function prepareSwitch(changed = () => {}) {
  for (const place of document.querySelectorAll("[data-keys-switch]")) {
    const box = place.querySelector("input");
    box.checked = areOn();
    place.hidden = false;
    box.addEventListener("change", () => {
      remember(...STORAGE, box.checked ? "on" : "off");
      changed();
    });
  }
}

// 1 to 9, or 0 for any other key.
export function numberOf({ key, code, shiftKey }) {
  const place = shiftKey ? null : /^(?:Digit|Numpad)([1-9])$/.exec(code);
  return Number(place?.[1] ?? (/^[1-9]$/.test(key) ? key : 0));
}

export const isZero = ({ key, code, shiftKey }) => key === "0" || (!shiftKey && /^(?:Digit|Numpad)0$/.test(code));

// U, or Ctrl + Z, which is where it is whatever the letters.
export const isUndo = ({ key, code, ctrlKey, metaKey, altKey }) =>
  !altKey && (ctrlKey || metaKey ? code === "KeyZ" : key.toLowerCase() === "u");

export const hasModifier = ({ ctrlKey, metaKey, altKey }) => ctrlKey || metaKey || altKey;

export const isHelp = (event) => !hasModifier(event) && (event.key === "?" || event.key === "؟");
