// Asks how far the tagging has come, until all photos are through. Only what is new is told.

const PAUSE_MS = 2000;
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// on: {isDone(), finished({key, state, reason}), lookAlikes(count)}
export async function follow(address, on) {
  let seen = "";
  let isLast = false; // look-alikes are noted when the photos have been tagged
  while (!isLast) {
    isLast = on.isDone();
    await wait(document.hidden ? 5 * PAUSE_MS : PAUSE_MS);
    try {
      const url = new URL(address, window.location.href);
      if (seen) url.searchParams.set("since", seen);
      const response = await fetch(url, { headers: { "X-Requested-With": "fetch", Accept: "application/json" } });
      if (!response.ok || response.redirected) continue;
      const answer = await response.json();
      seen = answer.seen;
      for (const each of answer.finished) on.finished(each);
      on.lookAlikes(answer.look_alikes);
    } catch {
      // No network: the next time, perhaps.
    }
  }
}
