// What was entered into a draft and not sent yet: it is there again when the listing is, with the revision it was meant for.

import { forget, recall, remember } from "./storage.js";

const DRAFT = "form[data-review=draft]";
const STORAGE = "sessionStorage";
const keyOf = (form) => `entered ${new URL(form.action).pathname}`;
const read = (form) => JSON.parse(recall(STORAGE, keyOf(form)) ?? "{}");

// A suggestion and a value from the list exclude each other: both are kept, also that one of them is none.
function keep({ target: { form, name } }) {
  if (!name || !form?.matches(DRAFT)) return;
  const [now, kept, field] = [new FormData(form), read(form), name.replace(/_other$/, "")];
  for (const each of ["seen_revision", field, `${field}_other`]) kept[each] = now.get(each);
  remember(STORAGE, keyOf(form), JSON.stringify(kept));
}

export function restoreEntered() {
  const form = document.querySelector(DRAFT);
  const kept = form ? read(form) : {};
  for (const each of form?.elements ?? []) {
    if (!(each.name in kept)) continue;
    if (each.type === "radio") each.checked = each.value === kept[each.name];
    else each.value = kept[each.name];
  }
}

export const forgetEntered = (form) => forget(STORAGE, keyOf(form));

document.addEventListener("input", keep);
document.addEventListener("change", keep);
restoreEntered();
