// Texts by key, with plurals, numbers, dates and money in one language: texts are added with `define`, the language is picked with `setLocale`.

const TEXTS = {};
const RTL = new Set(["ar", "fa", "he", "ur"]);
let locale = "en";
let plurals = new Intl.PluralRules("en");

/**
 * Adds texts of a language. A text is a string with `{name}` holes, or an object by plural form of `{n}`.
 * @param {string} language e.g. "en"
 * @param {Record<string, string | Partial<Record<Intl.LDMLPluralRule, string>>>} texts
 */
export function define(language, texts) {
  TEXTS[language] = { ...TEXTS[language], ...texts };
}

/** Picks a language (BCP 47). One without texts keeps English words but its own numbers and dates. */
export function setLocale(tag) {
  try {
    locale = Intl.getCanonicalLocales(tag)[0] ?? "en";
  } catch {
    locale = "en";
  }
  plurals = new Intl.PluralRules(TEXTS[language()] ? locale : "en");
}

const language = () => locale.split("-")[0];

/** The language that texts are shown in. */
export const textLocale = () => (TEXTS[language()] ? locale : "en");

/** The language that numbers and dates are shown in. */
export const currentLocale = () => locale;

/** `rtl` or `ltr` for a language tag. */
export const direction = (tag) => (RTL.has(String(tag).split("-")[0]) ? "rtl" : "ltr");

/** The text of a key, its holes filled. */
export function t(key, values = {}) {
  let text = TEXTS[language()]?.[key] ?? TEXTS.en?.[key] ?? key;
  if (typeof text === "object") text = text[plurals.select(values.n)] ?? text.other;
  const shown = (value) => (typeof value === "number" ? new Intl.NumberFormat(textLocale()).format(value) : String(value ?? ""));
  return text.replace(/\{(\w+)\}/g, (_, name) => shown(values[name]));
}

/** "14:03" in the current language. */
export const clockTime = (at) => new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" }).format(new Date(at));

/** "4 Dec 2026" in the current language. */
export const dayText = (at) => new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric" }).format(new Date(at));

/** "4 Dec 2026, 14:03" in the current language. */
export const momentText = (at) => new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" }).format(new Date(at));

/** Minor units beside a currency as money: 1250, "EUR" is "€12.50". */
export function money(minor, currency) {
  const format = new Intl.NumberFormat(locale, { style: "currency", currency });
  return format.format(minor / 10 ** format.resolvedOptions().maximumFractionDigits);
}
