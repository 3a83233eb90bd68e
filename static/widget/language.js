// Which language the widget speaks, and fetching its words: a small file a language, and only the one that is needed.

import { define, setLocale } from "../lib/i18n.js";

export const LANGUAGES = ["en", "sv", "de"];

/** The language of a tag without its region: "sv" of "sv-SE". */
export const primary = (tag) => tag.split("-")[0];

/** A tag as it should be written, in the customer's own region where they speak that language: "en" on a British device is "en-GB". */
export function regional(tag) {
  try {
    const [name] = Intl.getCanonicalLocales(tag);
    return navigator.languages.find((own) => own.startsWith(`${name}-`)) ?? name;
  } catch {
    return undefined; // not a tag at all
  }
}

/** The first of these languages that there are words in, else one of the browser's, else English. */
export function choose(...tags) {
  const known = (tag) => tag && LANGUAGES.includes(primary(tag));
  return [...tags, ...navigator.languages].filter(Boolean).map(regional).find(known) ?? "en-GB";
}

let wanted;

/** Fetches the words of a language and uses them from now on, unless another one was wanted meanwhile. */
export async function speak(tag) {
  wanted = tag;
  const { default: words } = await import(`./words/${primary(tag)}.js`);
  define(primary(tag), words);
  if (wanted === tag) setLocale(tag);
}
