// Sentences in the reader's language, out of Django's catalogue. Where that did not arrive, they are in English.

export const gettext = window.gettext ?? ((sentence) => sentence);
export const ngettext = window.ngettext ?? ((one, many, count) => (count === 1 ? one : many));

// `{name}` in a sentence gives way to the value of that name.
export const filled = (sentence, values) =>
  Object.entries(values).reduce((line, [name, value]) => line.replace(`{${name}}`, value), sentence);
