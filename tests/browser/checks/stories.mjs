// The main job, end to end, as customers and agents live it.

import assert from "node:assert/strict";
import { until } from "../kit.mjs";

const TURNS = 12;

/**
 * Talks with the bot until `done(text of the log)`: each turn takes the first rule whose pattern fits the bot's last words. A rule says
 * words, or presses a choice (a pattern); without a fitting rule the first choice is pressed.
 * @param {[RegExp, string | RegExp][]} rules
 */
export async function converse(chat, first, rules, done) {
  let last = await chat.ask(first);
  for (let turn = 0; turn < TURNS; turn++) {
    const log = await chat.root.locator(".rows").innerText();
    if (done(log)) return log;
    const before = (await chat.bot()).length;
    const level = chat.root.locator(".level");
    const rule = rules.find(([pattern]) => pattern.test(last));
    const options = await chat.choices();
    if (await level.count()) {
      await level.click();
      const yes = chat.page.getByRole("button", { name: "Yes, it’s me" });
      await yes.click();
    } else if (rule && typeof rule[1] === "string") await chat.say(rule[1]);
    else if (options.length) await chat.choice(options.find((option) => rule?.[1].test(option)) ?? options[0]).click();
    else assert.fail(`nothing to answer to: ${last}`);
    last = await chat.answer(before);
  }
  assert.fail(`no end after ${TURNS} turns; the last words were: ${last}`);
}

/** How a customer answers the questions about a parcel that never came. */
export const PARCEL = [
  [/shall i|correct|confirm|go ahead|is that right|open (a|the) dispute/i, /^yes|open|confirm/i],
  [/say "skip"|rough date/i, "skip"],
  [/address/i, /yes|right|correct/i],
  [/neighbou?r|safe place|checked|looked/i, /yes/i],
];
export const hasCase = (log) => /\bD-[A-Z0-9]{4,}/.test(log);

const instalments = (customer) => customer.orders.flatMap((order) => order.plan?.instalments ?? []);
const disputes = (customer) => customer.orders.flatMap((order) => order.disputes);

export const stories = {
  async story_parcel_never_came(kit) {
    const chat = await (await kit.demo(await kit.profile(), "P07")).open();
    const known = disputes(await kit.customer("P07")).length;
    await converse(chat, "My parcel never came", PARCEL, hasCase);
    await until("the dispute card", () => chat.root.locator(".card.dispute").count());
    assert.match(await chat.root.locator(".card.dispute").first().innerText(), /20\d\d|\d{1,2} \w+/, "no deadline on the card");
    const after = await kit.customer("P07");
    assert.equal(disputes(after).length, known + 1);
    assert.ok(instalments(after).some((one) => one.status === "paused"), "no instalment is paused");
    await chat.ask("the package still has not arrived, where is it");
    await chat.settled();
    assert.equal(disputes(await kit.customer("P07")).length, known + 1, "a second dispute was opened");
  },

  async story_extension_refused(kit) {
    const chat = await (await kit.demo(await kit.profile(), "P02")).open();
    const before = instalments(await kit.customer("P02")).map((one) => one.due_on);
    const log = await converse(chat, "I need more time to pay", [], (text) => /can(no|')?t|cannot|not possible|too (late|close)|24 hours|unable/i.test(text));
    assert.ok(log);
    assert.deepEqual(instalments(await kit.customer("P02")).map((one) => one.due_on), before, "the date moved although it was refused");
  },

  async story_extension_granted(kit) {
    const chat = await (await kit.demo(await kit.profile(), "P06")).open();
    const before = instalments(await kit.customer("P06")).map((one) => one.due_on);
    await converse(chat, "Can I pay two weeks later?", [[/shall i|confirm|go ahead|is that right|move/i, /^yes/i]], (text) => /\b(done|moved|extended|new due date|is now)\b/i.test(text.split("\n").slice(-8).join("\n")) && !/shall i/i.test(text.split("\n").slice(-4).join("\n")));
    const after = instalments(await kit.customer("P06")).map((one) => one.due_on);
    assert.notDeepEqual(after, before, "the date did not move");
  },

  async story_fraud(kit) {
    const desk = await kit.desk();
    const chat = await (await kit.demo(await kit.profile(), "P15")).open();
    const queued = async () => (await chat.root.locator(".sub").innerText()).includes("Waiting");
    let last = await chat.ask("There is a purchase on my account that I never made, somebody used my account");
    for (let turn = 0; turn < TURNS && !(await queued()); turn++) {
      const before = (await chat.bot()).length;
      if (await chat.root.locator(".level").count()) {
        await chat.root.locator(".level").click();
        await chat.page.getByRole("button", { name: "Yes, it’s me" }).click();
      } else {
        const options = await chat.choices();
        if (options.length) await chat.choice(options.find((one) => /^yes|not mine|never|no, /i.test(one)) ?? options[0]).click();
        else await chat.say("No, I did not make it and I do not know who did");
      }
      await until("an answer", async () => (await chat.bot()).length > before || (await queued()));
      await chat.settled();
      last = (await chat.bot()).at(-1);
    }
    assert.ok(await queued(), `nobody was called; the last words were: ${last}`);
    const row = desk.page.locator(".waiting .item").first();
    await until("the row at the top", async () => /P[01]/.test(await row.innerText()));
    assert.ok(instalments(await kit.customer("P15")).some((one) => one.status === "paused"), "the plan is not paused");
  },

  async story_person_in_the_middle(kit) {
    const desk = await kit.desk();
    const chat = await (await kit.demo(await kit.profile(), "P08")).open();
    await chat.ask("My order has not arrived");
    await chat.say("I want to talk to a human");
    await chat.stands("Waiting for a person");
    await desk.open(await chat.conversation());
    await desk.claim();
    await chat.stands(desk.name);
    const silent = (await chat.bot()).length;
    await desk.reply("Hello, I have looked into it.");
    await chat.say("Thank you, can you see my parcel?");
    await until("the message at the desk", async () => (await desk.texts("customer")).some((text) => text.includes("see my parcel")));
    await chat.page.waitForTimeout(500);
    assert.equal((await chat.bot()).length, silent, "the bot spoke while a person had it");
    await desk.giveBack();
    await until("the bot to go on", async () => (await chat.bot()).length > silent);
    const events = await kit.events(await chat.conversation());
    const claimed = events.findIndex((event) => event.data?.state === "claimed");
    const returned = events.findIndex((event) => event.data?.state === "returned");
    assert.ok(claimed >= 0 && returned > claimed);
    assert.ok(!events.slice(claimed, returned).some((event) => event.by.kind === "bot" && event.kind === "message"), "a bot message while the agent owned it");
  },
};
