// Asks how far the tagging has come, until all photos are through. Only what is new is told.

import { comingBack } from "./returning.js";

const PAUSE_MS = 2000;
const UNKNOWN = [403, 404]; // signed out, or gone from the shop
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// on: {isDone(), finished({key, state, reason}), lookAlikes(count), signedOut(), signedIn()}
export async function follow(address, on) {
  let seen = "";
  let isLast = false; // look-alikes are noted when the photos have been tagged
  let isKnown = true;
  while (!isLast) {
    isLast = on.isDone();
    await wait(document.hidden ? 5 * PAUSE_MS : PAUSE_MS);
    try {
      const url = new URL(address, window.location.href);
      if (seen) url.searchParams.set("since", seen);
      const response = await fetch(url, { headers: { "X-Requested-With": "fetch", Accept: "application/json" } });
      if (!isLast && (UNKNOWN.includes(response.status) || response.redirected)) {
        isKnown = false;
        on.signedOut();
        await comingBack();
      }
      if (!response.ok || response.redirected) continue;
      const answer = await response.json();
      if (!isKnown) on.signedIn();
      isKnown = true;
      seen = answer.seen;
      for (const each of answer.finished) on.finished(each);
      on.lookAlikes(answer.look_alikes);
    } catch {
      // No network: the next time, perhaps.
    }
  }
}
