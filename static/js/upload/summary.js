// The whole pile in one bar and a few words: how many have arrived, how long it will take, what comes next.

import { filled, gettext, ngettext } from "../words.js";

const PACE_MS = 20 * 1000; // how far back the pace is measured

export class Summary {
  #pace = []; // [moment, bytes that have arrived]
  #isThrough = false;

  constructor(element, announcer) {
    Object.assign(this, { element, announcer, title: document.title });
    this.heading = this.#part("heading");
    this.words = this.heading.textContent;
  }

  // The button that was pressed goes, and the focus with it.
  takeFocus() {
    this.element.hidden = false;
    this.heading.focus();
  }

  #part(name) {
    return this.element.querySelector(`[data-${name}]`);
  }

  show(pile, bytesInFlight) {
    this.element.hidden = false;
    const { stored, all } = pile.bytes;
    const done = Math.min(all, stored + bytesInFlight);
    const progress = this.#part("progress");
    progress.max = all;
    progress.value = done;
    progress.classList.toggle("is-finished", pile.isThrough);
    const values = { arrived: pile.arrived, total: pile.photos.length };
    const sent = [filled(gettext("{arrived} of {total} sent"), values), pile.isSent ? "" : this.#timeLeft(done, all)].filter(Boolean);
    const tally = this.#tally(pile);
    this.#part("sent").textContent = sent.join(" · ");
    this.#part("tagged").textContent = tally.join(" · ");
    if (!pile.isThrough) this.announcer.progress(...sent, ...tally);
    this.#part("waiting-note").hidden = pile.isThrough;
    this.#finish(pile);
  }

  // What keeps it from going on: "network", "signed-out", or nothing.
  trouble(kind, sentence = gettext("The network is not answering. Nothing is lost; it goes on by itself.")) {
    this.#part("network").hidden = kind !== "network";
    this.#part("network-text").textContent = sentence;
    this.#part("signed-out").hidden = kind !== "signed-out";
  }

  lookAlikes(count) {
    const link = this.#part("look-alikes");
    link.hidden = count === 0;
    link.textContent = filled(ngettext("{count} photo looks like another", "{count} photos look like others", count), { count });
  }

  #tally(pile) {
    const parts = [
      [pile.count("ready"), (count) => ngettext("{count} ready to review", "{count} ready to review", count)],
      [pile.count("stored"), (count) => ngettext("{count} being tagged", "{count} being tagged", count)],
      [pile.count("untagged"), (count) => ngettext("{count} without suggestions", "{count} without suggestions", count)],
      [pile.count("problem"), (count) => ngettext("{count} with a problem", "{count} with a problem", count)],
      [
        pile.photos.filter(({ wasLocated }) => wasLocated).length,
        (count) => ngettext("Location removed from {count} photo", "Location removed from {count} photos", count),
      ],
    ];
    return parts.filter(([count]) => count).map(([count, words]) => filled(words(count), { count }));
  }

  #timeLeft(done, all) {
    const now = performance.now();
    this.#pace = [...this.#pace.filter(([moment]) => now - moment < PACE_MS), [now, done]];
    const [[moment, bytes]] = this.#pace;
    const speed = (done - bytes) / Math.max(1, now - moment);
    if (speed <= 0 || now - moment < 2000) return "";
    const minutes = Math.round((all - done) / speed / 60000);
    if (minutes < 1) return gettext("less than a minute left");
    return filled(ngettext("about {count} minute left", "about {count} minutes left", minutes), { count: minutes });
  }

  // Photos that are tried again take the end back.
  #finish(pile) {
    const isNews = pile.isThrough && !this.#isThrough;
    const total = pile.arrived;
    this.#isThrough = pile.isThrough;
    this.#part("review").hidden = !pile.isThrough || total === 0;
    if (!pile.isThrough) {
      document.title = this.title;
      this.heading.textContent = this.words;
      return;
    }
    const words = total ? ngettext("{count} photo is through", "All {count} photos are through", total) : gettext("No photo was accepted");
    const sentence = filled(words, { count: total });
    this.heading.textContent = sentence;
    document.title = `✓ ${sentence}`;
    if (!isNews) return;
    this.announcer.say(sentence);
    tell(sentence);
  }
}

// Who asked to be told is told, unless they are looking.
function tell(sentence) {
  if (!document.hidden || !("Notification" in window) || Notification.permission !== "granted") return;
  try {
    new Notification(sentence);
  } catch {
    // Phones let pages tell nothing by themselves; the title says it.
  }
}
