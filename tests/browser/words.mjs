// The widget's words, read from their files: all languages say the same keys, leave the same holes and have what the code asks for.
//
//   node tests/browser/words.mjs
//
// Needs neither server nor browser. Exit status 1 when something is amiss.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const WIDGET = new URL("../../static/widget/", import.meta.url);
const read = (name) => readFileSync(new URL(name, WIDGET), "utf8");

/** A module without imports, from its text: Node takes the files of `static/` for another kind. */
const module = async (name) => (await import(`data:text/javascript,${encodeURIComponent(read(name))}`)).default;

/** `{en: {key: text}, …}` of all files. */
export const WORDS = Object.fromEntries(
  await Promise.all(readdirSync(new URL("words/", WIDGET)).map(async (name) => [name.replace(/\.js$/, ""), await module(`words/${name}`)])),
);

/** All forms of a text: one, or one for each kind of number. */
export const forms = (text) => (typeof text === "string" ? [text] : Object.values(text));
const holes = (text) => [...new Set(forms(text).flatMap((form) => [...form.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)))].sort();

export function compare() {
  const { en, ...others } = WORDS;
  assert.deepEqual(Object.keys(others).sort(), ["de", "sv"]);
  for (const [language, words] of Object.entries(others)) {
    assert.deepEqual(Object.keys(words), Object.keys(en), `the keys of ${language}, in their order`);
    for (const [key, text] of Object.entries(words)) assert.deepEqual(holes(text), holes(en[key]), `the holes of ${key} in ${language}`);
  }
  for (const [language, words] of Object.entries(WORDS)) {
    const kinds = new Intl.PluralRules(language).resolvedOptions().pluralCategories.sort();
    for (const [key, text] of Object.entries(words)) {
      if (typeof text !== "string") assert.deepEqual(Object.keys(text).sort(), kinds, `the numbers of ${key} in ${language}`);
      for (const form of forms(text)) assert.ok(form.trim() === form && form, `${key} in ${language} is empty or has spaces around it`);
    }
  }
  // What the code asks for is there, and what is there is asked for: by its whole name, or by its beginning and something that varies.
  const code = readdirSync(WIDGET).filter((name) => name.endsWith(".js")).map(read).join("\n");
  const asked = new Set([...code.matchAll(/\bt\("(\w+)"/g)].map(([, key]) => key));
  for (const key of asked) assert.ok(key in en, `the code asks for ${key}, which has no words`);
  for (const key of Object.keys(en)) {
    assert.ok(code.includes(`"${key}"`) || code.includes(`\`${key.replace(/[^_]+$/, "")}$\{`), `nothing asks for ${key}`);
  }
  // The launcher and the chat name the same languages.
  const launcher = [...readFileSync(new URL("../widget.js", WIDGET), "utf8").matchAll(/^ {4}(\w\w): \[/gm)].map(([, language]) => language);
  const named = /LANGUAGES = (\[.*\])/.exec(read("language.js"))[1];
  for (const list of [launcher, JSON.parse(named)]) assert.deepEqual([...list].sort(), Object.keys(WORDS).sort());
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  compare();
  console.log(`ok: ${Object.keys(WORDS.en).length} texts in ${Object.keys(WORDS).length} languages`);
}
