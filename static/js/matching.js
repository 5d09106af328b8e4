// Finds the terms of a vocabulary by what somebody types: by their names, by other words for them, by where they stand.

const LONG_WORD = 5; // letters, from which on one mistake is forgiven
const NEAR_ENOUGH = 0.4; // of the pairs of letters that two words have together
const NEAR_COUNT = 6;

// How good a match is; a smaller number is a better one.
const WHOLE_NAME = 0;
const WHOLE_SYNONYM = 1;
const BEGINS_NAME = 2;
const BEGINS_NAME_WORD = 3;
const BEGINS_SYNONYM = 4;
const BEGINS_SYNONYM_WORD = 5;
const INSIDE_NAME = 6;
const INSIDE_SYNONYM = 7;
const ABOVE = 8;
const MISTYPED = 9;
const NONE = Infinity;

// Accents, the vowel marks, hamzas and lengthening strokes of Arabic, the dot below of Hindi; other marks are letters.
const MARKS = /[\u0300-\u036f\u0640\u064b-\u065f\u093c]/g;
// Letters that people type for one another: the closed and the open t, both kinds of y, both signs of a nasal.
const SAME = { "\u0629": "\u0647", "\u0649": "\u064a", "\u0901": "\u0902" };

// Without capitals, accents and punctuation.
export const folded = (text) =>
  text.normalize("NFD").replace(MARKS, "").normalize("NFC").toLowerCase().replace(/['’]/g, "")
    .replace(/[\u0629\u0649\u0901]/g, (letter) => SAME[letter])
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, " ").trim();

// Written as one word it is found too: "tshirt", "flipflops".
function phrase(text) {
  const whole = folded(text);
  const words = whole.split(" ");
  return { text, whole, words, joined: words.length > 1 ? words.join("") : "" };
}

// entries: [{name, synonyms, above, depth}], in the order in which equally good ones are listed; `above`: the words of the
// levels above, `depth`: how many these are.
export const makeIndex = (entries) =>
  entries.map((entry, order) => ({
    entry,
    order,
    name: phrase(entry.name),
    synonyms: entry.synonyms.map(phrase),
    above: entry.above.map(phrase),
  }));

const begins = (word, typed) =>
  word.startsWith(typed) || (typed.length > 3 && typed.endsWith("s") && word === typed.slice(0, -1)); // plural

const hasBeginning = ({ words, joined }, typed) => words.some((word) => begins(word, typed)) || joined.startsWith(typed);

// One mistake leaves one of the first two letters where it was, or moves it by one; asked first, because it is quick.
const isWithinReach = (word, typed) =>
  word[0] === typed[0] || word[1] === typed[1] || word[0] === typed[1] || word[1] === typed[0];

// Whether the typed word is the beginning of the other, but for a letter too many, too few, wrong, or swapped with the next.
function isMistyped(word, typed) {
  if (typed.length < LONG_WORD || !isWithinReach(word, typed)) return false;
  let at = 0;
  while (at < typed.length && word[at] === typed[at]) at += 1;
  const goesOn = (from, to) => word.startsWith(typed.slice(from), to);
  const isSwapped = typed[at] === word[at + 1] && typed[at + 1] === word[at] && goesOn(at + 2, at + 2);
  return isSwapped || goesOn(at + 1, at + 1) || goesOn(at + 1, at) || goesOn(at, at + 1);
}

const hasMistyped = ({ words, joined }, typed) =>
  words.some((word) => isMistyped(word, typed)) || (joined !== "" && isMistyped(joined, typed));

// One typed word: how well it matches, and through which synonym, if not by name.
function matchWord(term, typed, forgives) {
  const { name, synonyms, above } = term;
  if (hasBeginning(name, typed)) return { rank: BEGINS_NAME_WORD };
  const found = synonyms.find((each) => hasBeginning(each, typed));
  if (found) return { rank: BEGINS_SYNONYM_WORD, synonym: found };
  if (name.whole.includes(typed)) return { rank: INSIDE_NAME };
  const around = synonyms.find((each) => each.whole.includes(typed));
  if (around) return { rank: INSIDE_SYNONYM, synonym: around };
  if (above.some((each) => hasBeginning(each, typed))) return { rank: ABOVE };
  if (!forgives) return { rank: NONE };
  if (hasMistyped(name, typed)) return { rank: MISTYPED };
  const meant = synonyms.find((each) => hasMistyped(each, typed));
  return meant ? { rank: MISTYPED, synonym: meant } : { rank: NONE };
}

// All that was typed, as it stands.
function matchWhole({ name, synonyms }, typed) {
  if (name.whole === typed || name.joined === typed) return { rank: WHOLE_NAME };
  const found = synonyms.find(({ whole, joined }) => whole === typed || joined === typed);
  if (found) return { rank: WHOLE_SYNONYM, synonym: found };
  if (name.whole.startsWith(typed)) return { rank: BEGINS_NAME };
  const longer = synonyms.find(({ whole }) => whole.startsWith(typed));
  return longer ? { rank: BEGINS_SYNONYM, synonym: longer } : { rank: NONE };
}

// All its words, in whatever order.
function matchWords(term, words, forgives) {
  let sum = 0;
  let synonym;
  for (const word of words) {
    const part = matchWord(term, word, forgives);
    if (part.rank === NONE) return part;
    sum += part.rank;
    synonym ??= part.synonym;
  }
  return { rank: sum / words.length, synonym };
}

function match(term, typed, words, forgives) {
  const whole = matchWhole(term, typed);
  const parts = matchWords(term, words, forgives);
  const best = whole.rank <= parts.rank ? whole : parts;
  return { ...best, term, length: (best.synonym ?? term.name).whole.length };
}

// Better ones first, then those of which more was typed, then what is most particular, then as they are listed.
const compare = (one, other) =>
  one.rank - other.rank || one.length - other.length
  || other.term.entry.depth - one.term.entry.depth || one.term.order - other.term.order;

function matches(index, typed, words, forgives) {
  const found = index.map((term) => match(term, typed, words, forgives));
  return found.filter(({ rank }) => rank < NONE).sort(compare);
}

const pairs = (word) => Array.from({ length: word.length - 1 }, (_, at) => word.slice(at, at + 2));
const padded = (word) => ` ${word} `;

// From 0 to 1: how many of their pairs of letters two words have together. The first letter is hardly ever a mistake.
function likeness(typed, word) {
  if (typed[0] !== ` ${word[0]}`) return 0;
  const left = pairs(padded(word));
  const count = typed.length + left.length;
  let shared = 0;
  for (const pair of typed) {
    const at = left.indexOf(pair);
    if (at < 0) continue;
    left[at] = "";
    shared += 1;
  }
  return (2 * shared) / count;
}

// What is most like any of the words, where nothing matches them all.
function near(index, words) {
  const typed = words.map((word) => pairs(padded(word)));
  const known = new Map(); // the same words come again and again
  const likenessOf = (word) => {
    if (!known.has(word)) known.set(word, Math.max(...typed.map((each) => likeness(each, word))));
    return known.get(word);
  };
  const judged = index.map((term) => {
    const best = { term, likeness: 0, length: 0, text: term.name };
    for (const text of [term.name, ...term.synonyms]) {
      const found = Math.max(...text.words.map(likenessOf));
      if (found < best.likeness || (found === best.likeness && text.whole.length >= best.length)) continue;
      Object.assign(best, { likeness: found, length: text.whole.length, text });
    }
    return { ...best, synonym: best.text === term.name ? undefined : best.text };
  });
  return judged
    .filter((each) => each.likeness >= NEAR_ENOUGH)
    .sort((one, other) => other.likeness - one.likeness || one.length - other.length || one.term.order - other.term.order)
    .slice(0, NEAR_COUNT);
}

// {found: [{entry, synonym}], isNear, isWhole}: best first; `synonym` is the other word that led to it, or "".
// isNear: nothing matches, these are only like it. isWhole: the best one is called exactly so.
export function find(index, query) {
  const typed = folded(query);
  const words = typed.split(" ");
  const exact = matches(index, typed, words, false);
  const found = exact.length ? exact : matches(index, typed, words, true);
  const shown = found.length ? found : near(index, words);
  return {
    found: shown.map(({ term, synonym }) => ({ entry: term.entry, synonym: synonym?.text ?? "" })),
    isNear: found.length === 0,
    isWhole: found.length > 0 && found[0].rank <= WHOLE_SYNONYM,
  };
}
