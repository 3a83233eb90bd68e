// A language model's help with writing: drafts with a way back, only where there is a model; translations with the originals beside them.

import assert from "node:assert/strict";
import { until } from "../kit.mjs";
import { waiting } from "./desk.mjs";
import { clean } from "./floor.mjs";

/** The desk's page as if a model were configured for these uses; what it is asked goes into the list. */
async function withModel(desk, uses, answers) {
  const asked = [];
  await desk.page.route("**/api/desk/model", (route) => route.fulfill({ json: { model: { endpoints: [], uses, keep_inside: [] } } }));
  for (const what of ["polish", "translate"]) {
    await desk.page.route(`**/api/desk/conversations/*/${what}`, (route) => {
      const body = route.request().postDataJSON();
      asked.push({ what, ...body });
      return route.fulfill({ json: answers(what, body) });
    });
  }
  return asked;
}

const part = (page, name) => page.evaluate(async (name) => (document.querySelector('script[type="module"]').src.replace(/desk\/main\.js$/, name)), name);

export const writing = {
  /** Polished and translated words come as a draft, can be undone, and are sent by the agent alone. */
  async desk_polish_and_translate(kit) {
    const chat = await waiting(kit);
    const id = await chat.conversation();
    const ana = await kit.desk(0);
    const asked = await withModel(ana, ["draft", "polish", "translate"], (what, { text }) => {
      if (text === "refused") return { text: null, sentences: [], why: "the model's version was not taken: it leaves out £45.00. Your text is unchanged" };
      return { text: what === "polish" ? "Your parcel is on its way." : "Votre colis est en route." };
    });
    await ana.open(id);
    await ana.claim();
    const button = (name) => ana.page.locator(".writer").getByRole("button", { name, exact: typeof name === "string" });
    await button("Polish").waitFor();
    await button(/^Translate to English/).waitFor();
    await clean(ana.page, "the writer with a model");
    await ana.field.fill("ur parcel comes");
    assert.equal(await button("Undo").isVisible(), false);
    await button("Polish").click();
    await until("the polished draft", async () => (await ana.field.inputValue()) === "Your parcel is on its way.");
    await button("Undo").click();
    assert.equal(await ana.field.inputValue(), "ur parcel comes");
    assert.equal(await button("Undo").isVisible(), false);
    await button(/^Translate to/).click();
    await until("the translated draft", async () => (await ana.field.inputValue()) === "Votre colis est en route.");
    assert.deepEqual(asked, [{ what: "polish", text: "ur parcel comes" }, { what: "translate", text: "ur parcel comes", to: "en" }]);
    assert.deepEqual(await chat.texts("agent"), [], "a draft was sent by itself");
    await ana.field.fill("refused");
    await button("Polish").click();
    await until("the reason", async () => (await ana.toast.innerText()).includes("leaves out £45.00"));
    assert.equal(await ana.field.inputValue(), "refused");
    await ana.page.getByRole("button", { name: "Note", exact: true }).click();
    assert.equal(await button("Polish").isVisible(), false, "a note is the desk's own");
    await ana.reply("Votre colis est en route.");
    assert.equal(await button("Undo").isVisible(), false);
    await ana.resolve();
  },

  /** Without a model there is nothing to press. */
  async desk_without_a_model(kit) {
    const chat = await waiting(kit);
    const ana = await kit.desk(0);
    await ana.open(await chat.conversation());
    await ana.claim();
    for (const name of ["Polish", "Suggest a draft", /^Translate to/, "Undo"]) assert.equal(await ana.page.locator(".writer").getByRole("button", { name }).isVisible(), false, String(name));
    await ana.resolve();
  },

  /** What a machine has translated says so and shows the original; at the desk a translation stands beneath its message. */
  async translations_show_the_original(kit) {
    const ana = await kit.desk(0);
    const desk = await ana.page.evaluate(async (rows) => {
      const { arranged, createRow } = await import(rows);
      const event = (seq, kind, by, data, sub = 0) => ({ seq, sub, kind, by: { kind: by }, at: "2026-12-04T09:00:00Z", data });
      const events = [
        event(1, "message", "customer", { text: "où est mon colis" }),
        event(2, "message", "bot", { text: "Il arrive.", locale: "fr", translated: { note: "Traduit par une machine. L'original :", locale: "en", original: { text: "It is **coming**." } } }),
        event(2, "note", "system", { text: "where is my parcel", translation: { of: 1, from: "fr", by: "model" } }, 1),
      ];
      return arranged(events).map((one) => createRow(one).innerText);
    }, await part(ana.page, "desk/rows.js"));
    assert.match(desk[1], /Translated from French by a model\s*where is my parcel/);
    assert.match(desk[2], /Il arrive\.[^]*Translated by a model[^]*It is coming\./);
    const widget = await ana.page.evaluate(async (rows) => {
      const { createRow } = await import(rows);
      const translated = { note: "Traduit par une machine. L'original :", locale: "en", original: { text: "It is coming.", title: "Order", fields: [{ label: "Due", value: "£45.00" }] } };
      const row = (type, data) => createRow({ type, by: { kind: "bot" }, at: "2026-12-04T09:00:00Z", data: { ...data, translated } }).innerText;
      return [row("bot", { text: "Il arrive." }), row("card", { title: "Commande", fields: [{ label: "Dû", value: "£45.00" }] })];
    }, await part(ana.page, "widget/rows.js"));
    assert.match(widget[0], /Il arrive\.[^]*Traduit par une machine[^]*It is coming\./);
    assert.match(widget[1], /Commande[^]*Traduit par une machine/);
  },
};
