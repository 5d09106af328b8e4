// What a browser keeps for a page; where it denies that, it lasts as long as the page does.

const denied = new Map();

export function remember(storage, key, value) {
  try {
    window[storage].setItem(key, value);
    denied.delete(key);
  } catch {
    denied.set(key, value);
  }
}

export function recall(storage, key) {
  try {
    return denied.get(key) ?? window[storage].getItem(key);
  } catch {
    return null;
  }
}

export function forget(storage, key) {
  denied.delete(key);
  try {
    window[storage].removeItem(key);
  } catch {
    // There is nothing to forget.
  }
}
