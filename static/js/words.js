// Sentences in the reader's language, out of Django's catalogue. Where that did not arrive, they are in English.

export const gettext = window.gettext ?? ((sentence) => sentence);
export const ngettext = window.ngettext ?? ((one, many, count) => (count === 1 ? one : many));

// Counts as the server writes them: 6,500, for Spanish readers 6.500, with the digits of this page's other numbers.
const written = new Intl.NumberFormat(document.documentElement.lang || "en", { numberingSystem: "latn", useGrouping: "always" });

// `{name}` in a sentence gives way to the value of that name.
export const filled = (sentence, values) =>
  Object.entries(values).reduce(
    // By a function, as a file's name may hold what `replace` reads as a pattern: "$&".
    (line, [name, value]) => line.replace(`{${name}}`, () => (typeof value === "number" ? written.format(value) : value)),
    sentence,
  );
