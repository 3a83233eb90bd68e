// The widget in Swedish and German: no English word of its own is left in any state, the language follows page, browser and conversation.

import AxeBuilder from "@axe-core/playwright";
import assert from "node:assert/strict";
import { until, weigh } from "../kit.mjs";
import { compare, forms, WORDS } from "../words.mjs";
import { WIDGET_BYTES } from "./host.mjs";

const NAMED = ["aria-label", "title", "placeholder", "alt"];

/** What each language is tried with: what the customer says, and how it writes numbers. */
const TRIED = {
  sv: { question: "Hej, kan jag få mer tid att betala?", launcher: "Supportchatt", long: "1 500 tecken för mycket" },
  de: { question: "Hallo, kann ich mehr Zeit zum Bezahlen bekommen?", launcher: "Support-Chat", long: "1.500 Zeichen zu viel" },
};

/** A text as a pattern that finds it anywhere, its holes filled with whatever; parts of longer words do not count. */
function pattern(text) {
  const escaped = text.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace(/\{\w+\}/g, ".+?");
  return new RegExp(`(?<![\\p{L}\\d])${escaped}(?![\\p{L}\\d])`, "u");
}

/** The English texts that must not show in another language: all that the language does not say itself. */
function english(language) {
  const own = Object.values(WORDS[language]).flatMap(forms);
  return Object.values(WORDS.en).flatMap(forms).filter((text) => !own.some((one) => pattern(text).test(one)));
}

/** Everything in the widget that can be read or heard; with `own` only what the widget says itself. */
const pieces = (chat, own) =>
  chat.panel.evaluate(
    (panel, { named, own }) => {
      const skip = (node) => own && node.closest(".bubble, .card-row, [lang]") !== panel;
      const found = [];
      const walker = document.createTreeWalker(panel, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
      for (let node = panel; node; node = walker.nextNode()) {
        const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
        if (skip(element)) continue;
        if (node.nodeType === Node.TEXT_NODE) found.push(node.data.trim());
        else found.push(...named.map((name) => node.getAttribute(name)));
      }
      return found.filter(Boolean);
    },
    { named: NAMED, own },
  );

async function none(chat, language, state) {
  const found = await pieces(chat, true);
  assert.ok(found.length > 5, `${state}: hardly anything is said`);
  for (const text of english(language)) {
    const piece = found.find((one) => pattern(text).test(one));
    assert.equal(piece, undefined, `${state}, ${language}: the English "${text}" in "${piece}"`);
  }
  assert.equal(await chat.panel.getAttribute("lang"), language, `${state}: the language of the panel`);
}

/** Waits for one of the widget's own texts, holes filled with whatever. */
const says = (chat, language, key) =>
  until(`"${key}" in ${language}`, async () => (await pieces(chat)).some((piece) => forms(WORDS[language][key]).some((form) => pattern(form).test(piece))));

/** A customer's whole talk, looked at in every state of the widget. */
async function talk(kit, language) {
  const { question, launcher, long } = TRIED[language];
  const say = (key) => WORDS[language][key];
  const line = await kit.line();
  const desk = await kit.desk();
  const context = await kit.profile();
  const chat = await kit.shop(context, { server: line.url, boot: { locale: language, token: await kit.token("P01"), context: { order: "NR-1" } } });
  assert.equal(await chat.launcher.getAttribute("aria-label"), launcher);
  await chat.open();
  await says(chat, language, "hello_name");
  await none(chat, language, "open");
  await chat.root.getByRole("button", { name: say("start_due") }).click();
  await chat.answer(0);
  await says(chat, language, "sent");
  await none(chat, language, "answered");
  const bubbles = await chat.root.locator(".row.bot .bubble, .row.me .bubble").evaluateAll((nodes) => nodes.map((node) => node.lang));
  assert.deepEqual([...new Set(bubbles)], [language], "the language of what was said");

  await chat.composer.fill("x".repeat(5500));
  assert.equal((await chat.root.locator(".counter").innerText()).replaceAll("\u00a0", " "), long);
  await none(chat, language, "too long");
  await chat.composer.fill("");
  await chat.root.locator("input[type=file]").setInputFiles({ name: "kvitto.jpg", mimeType: "image/jpeg", buffer: Buffer.alloc(8_000_000, 1) });
  await says(chat, language, "file_too_large");
  await none(chat, language, "upload refused");

  await chat.root.getByRole("tab", { name: say("tab_mine") }).click();
  await chat.root.locator(".mine:not([aria-busy])").waitFor();
  await says(chat, language, "mine_tell");
  await none(chat, language, "purchases");
  await chat.root.getByRole("tab", { name: say("tab_chat") }).click();

  line.cut();
  await says(chat, language, "offline");
  await chat.say(question);
  await says(chat, language, "offline_queued");
  await says(chat, language, "waiting");
  await none(chat, language, "offline");
  line.mend();
  await until("the banner to go", () => chat.root.locator(".banner").isHidden(), 20_000);
  await chat.settled();
  await chat.human.click();
  await says(chat, language, "state_queued");
  await chat.root.getByRole("button", { name: say("leave") }).waitFor();
  await none(chat, language, "queue");

  await desk.open(await chat.conversation());
  await desk.claim();
  await says(chat, language, "state_agent");
  await desk.field.pressSequentially("Hej");
  await says(chat, language, "typing_agent");
  await none(chat, language, "typing");
  await desk.field.press("Control+Enter");
  await until("the reply", async () => (await chat.texts("agent")).length === 1);
  await desk.resolve();
  await chat.root.locator(".rating").waitFor();
  await none(chat, language, "closed");
  const { violations } = await new AxeBuilder({ page: chat.page }).include("redress-chat").analyze();
  assert.deepEqual(violations.map((one) => `${one.id}: ${one.nodes[0].html}`), []);
  await chat.root.getByRole("button", { name: say("rate_5") }).click();
  await chat.root.getByRole("button", { name: say("rate_send") }).click();
  await says(chat, language, "rated");
  await none(chat, language, "rated");
}

export const words = {
  async words_agree() {
    compare();
  },

  words_sv: (kit) => talk(kit, "sv"),
  words_de: (kit) => talk(kit, "de"),

  async words_only_those_needed(kit) {
    for (const language of Object.keys(WORDS)) {
      const context = await kit.profile();
      const asked = new Set();
      context.on("request", (request) => request.url().startsWith(kit.base) && asked.add(request.url()));
      await (await kit.shop(context, { lang: language })).open();
      assert.deepEqual([...asked].filter((url) => url.includes("/words/")).map((url) => url.split("/").at(-1)), [`${language}.js`]);
      let bytes = 0;
      for (const url of asked) bytes += await weigh(url);
      assert.ok(bytes <= WIDGET_BYTES, `the widget weighs ${bytes} bytes in ${language}`);
    }
  },

  async words_by_page_and_browser(kit) {
    // The page's language comes first; where there are no words in it the browser's, else English.
    for (const [lang, locale, language] of [["sv-SE", "de-DE", "sv-SE"], ["de", "de-AT", "de-AT"], ["fr", "de-DE", "de-DE"], ["fr", "fr-FR", "en-GB"], ["", "sv-SE", "sv-SE"]]) {
      for (const mode of ["inline", "frame"]) {
        const chat = await kit.shop(await kit.profile({ locale }), { lang, boot: { mode } });
        if (mode === "frame") chat.framed();
        await chat.open();
        assert.equal(await chat.panel.getAttribute("lang"), language, `${mode} on a page in ${lang || "nothing"}, browser ${locale}`);
        const box = chat.page.locator("redress-chat .rd");
        assert.equal(await box.getAttribute("lang"), language.slice(0, 2));
        if (mode === "inline") continue;
        assert.equal(await chat.panel.evaluate(() => document.documentElement.lang), language);
        assert.equal(await chat.page.locator("redress-chat iframe").getAttribute("title"), await box.getAttribute("aria-label"));
      }
    }
  },

  async words_follow_the_talk(kit) {
    const context = await kit.profile();
    const chat = await (await kit.shop(context)).open();
    await chat.ask("Hello");
    await says(chat, "en", "sent");
    await chat.say(TRIED.sv.question);
    await chat.composer.fill("ett utkast");
    await until("the widget in Swedish", async () => (await chat.panel.getAttribute("lang")) === "sv");
    await chat.settled();
    await until("nothing more to be spoken", async () => (await chat.root.locator(".live").innerText()) === "");
    await none(chat, "sv", "switched");
    assert.equal(await chat.composer.inputValue(), "ett utkast", "the draft is gone");
    assert.equal(await chat.focus(), "composer", "the focus is gone");
    assert.equal(await chat.root.locator(".row.bot .bubble").first().getAttribute("lang"), "en-GB", "what was said in English stays English");
    assert.equal(await chat.launcher.getAttribute("aria-label"), TRIED.sv.launcher);
    await chat.page.reload();
    await until("Swedish after coming back", async () => (await chat.panel.getAttribute("lang")) === "sv");
    await chat.online();
    await none(chat, "sv", "back");
    await chat.call("locale", "de");
    await until("German, as the page asked", async () => (await chat.panel.getAttribute("lang")) === "de");
    await none(chat, "de", "asked for");
    assert.deepEqual((await chat.heard("locale")).at(-1), "de");
    assert.deepEqual(context.noise, []);
  },
};
