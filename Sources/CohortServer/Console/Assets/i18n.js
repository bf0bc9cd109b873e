// The words of the console in five languages: `lang/<code>/<area>.js`, one file for each area.

/** The languages: code, name in the language itself, and tag for `Intl` and `<html lang>`. */
export const LANGUAGES = [
  { code: "en", name: "English", tag: "en" },
  { code: "es", name: "Español", tag: "es" },
  { code: "fr", name: "Français", tag: "fr" },
  { code: "pt-br", name: "Português (Brasil)", tag: "pt-BR" },
  { code: "de", name: "Deutsch", tag: "de" },
];

/** The areas; every language has a file for each. */
export const AREAS = ["shell", "partners", "cohorts", "users", "segments", "audiences", "ledger"];

let messages = {};
let current = LANGUAGES[0];
let plurals = new Intl.PluralRules("en");

/** The language that is shown. */
export const language = () => current;

/** The reader's own variant of the language, such as en-GB, for numbers and dates. */
export function locale() {
  const stem = current.tag.slice(0, 2);
  return navigator.languages.find((tag) => tag === current.tag || tag.startsWith(`${stem}-`)) ??
    current.tag;
}

/** The language chosen by hand, else the first of the browser's that there is, else English. */
export function preferredLanguage() {
  const chosen = stored("language");
  const wishes = [chosen, ...navigator.languages].filter(Boolean).map((tag) => tag.toLowerCase());
  for (const wish of wishes) {
    const found = LANGUAGES.find(({ code }) =>
      wish === code || wish.slice(0, 2) === code.slice(0, 2)
    );
    if (found) return found.code;
  }
  return "en";
}

/** Loads a language and makes it the one that is shown. */
export async function useLanguage(code) {
  const wanted = LANGUAGES.find((one) => one.code === code) ?? LANGUAGES[0];
  const parts = await Promise.all(AREAS.map((area) => import(`./lang/${wanted.code}/${area}.js`)));
  messages = Object.assign({}, ...parts.map((part) => part.default));
  current = wanted;
  plurals = new Intl.PluralRules(wanted.tag);
  document.documentElement.lang = wanted.tag;
}

/** Keeps a choice of the reader: only `language` and `theme` are kept. */
export function store(key, value) {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // A choice that cannot be kept holds until the page is closed.
  }
}

/** A choice kept before, or null. */
export function stored(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** Whether there are words for a key. */
export const hasWords = (key) => Object.hasOwn(messages, key);

function pattern(key, values) {
  const found = hasWords(key) ? messages[key] : key;
  if (typeof found === "string") return found;
  return found[plurals.select(Number(values.n ?? 0))] ?? found.other;
}

// What decides in which direction a text is written, and what marks do that around it.
const DIRECTED = /[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufeff]/;
const MARKS = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** A text that somebody typed, to stand in a sentence: it does not turn what stands around it. */
export const isolated = (text) =>
  DIRECTED.test(text) ? `\u2068${text.replace(MARKS, "")}\u2069` : text;

/** A message as an array of texts and whatever stands for its placeholders: nodes too. */
export function rich(key, values = {}) {
  return pattern(key, values).split(/(\{\w+\})/).filter(Boolean).map((part) => {
    const placeholder = /^\{(\w+)\}$/.exec(part)?.[1];
    if (!placeholder || !Object.hasOwn(values, placeholder)) return part;
    const value = values[placeholder];
    if (typeof value === "number") return new Intl.NumberFormat(locale()).format(value);
    return typeof value === "string" ? isolated(value) : value;
  });
}

/** A message as text; `values.n` decides the plural form, and numbers are written for the reader. */
export const t = (key, values = {}) => rich(key, values).join("");
