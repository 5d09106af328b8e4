// What is still to be sent, kept in the browser's own database: it survives a closed tab and an empty battery.
//
// A pile is what one press of the button sends, a photo belongs to one; `pile.js` makes both.

import { openDB } from "../../vendor/idb-8.0.4/index.js";
import { isReadable } from "./reading.js";

const NAME = "lapel-outbox";
const VERSION = 1;

export async function openOutbox() {
  try {
    const database = await openDB(NAME, VERSION, {
      upgrade(fresh) {
        fresh.createObjectStore("piles", { keyPath: "token" });
        fresh.createObjectStore("photos", { keyPath: "key" }).createIndex("token", "token");
      },
      blocking(_from, _to, event) {
        event.target.close(); // a newer page wants to change the tables
      },
    });
    return new Outbox(database);
  } catch {
    return new Outbox(null); // a private window, for example
  }
}

class Outbox {
  constructor(database) {
    this.database = database;
    this.isLasting = database !== null;
  }

  // Those of this person and page, the oldest first.
  async piles(owner, action) {
    if (!this.database) return [];
    const all = await this.database.getAll("piles");
    return all
      .filter((pile) => pile.owner === owner && pile.action === action)
      .sort((one, other) => one.addedAt - other.addedAt);
  }

  async photos(token) {
    if (!this.database) return [];
    const all = await this.database.getAllFromIndex("photos", "token", token);
    return all.sort((one, other) => one.number - other.number);
  }

  async blob(key) {
    return (await this.database?.get("photos", key))?.blob ?? null;
  }

  keepPile(pile) {
    return this.#write((database) => database.put("piles", pile));
  }

  // Whether it was written: without room, or without a database, the photo lives only as long as the page.
  keepPhoto(photo) {
    return this.#write((database) => database.put("photos", photo), photo.blob);
  }

  removePhoto(key) {
    return this.#write((database) => database.delete("photos", key));
  }

  removePile(token) {
    return this.#write(async (database) => {
      const change = database.transaction(["piles", "photos"], "readwrite");
      change.objectStore("piles").delete(token);
      for (const key of await change.objectStore("photos").index("token").getAllKeys(token)) {
        change.objectStore("photos").delete(key);
      }
      await change.done;
    });
  }

  async #write(change, blob = null) {
    if (!this.database) return false;
    try {
      await change(this.database);
      return true;
    } catch {
      if (!blob || (await isReadable(blob))) this.isLasting = false; // what is gone could be kept nowhere
      return false;
    }
  }
}
