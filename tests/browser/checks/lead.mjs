// What leads do on the floor, and what is done to several conversations at once or put off: assigned, whispered, taken over, snoozed.

import assert from "node:assert/strict";
import { until } from "../kit.mjs";
import { waiting } from "./desk.mjs";
import { clean, goOnDuty } from "./floor.mjs";

const focusKept = (page) => page.evaluate(() => document.activeElement !== document.body);

export const lead = {
  /** Handed out by drag and by keyboard: who gets it is told and asked. */
  async lead_hands_out(kit) {
    const [ana, lea] = await Promise.all([kit.desk(0), kit.desk(2)]);
    await goOnDuty(ana, false);
    await goOnDuty(lea, false);
    const chat = await waiting(kit);
    const id = await chat.conversation();
    const { page } = lea;
    const card = (name) => page.locator(".one", { hasText: name });
    await page.locator("body").press("f");
    const place = page.locator(`.place[data-id="${id}"]`);
    await place.dragTo(card("Ana"));
    await until("Ana to be told", async () => (await ana.toast.innerText()).includes("hands you"));
    await goOnDuty(ana);
    await until("the offer", () => ana.page.locator(".offer").count());
    await ana.open(id);
    await ana.page.keyboard.press("c");
    await ana.owner("You have it");
    await goOnDuty(ana, false);
    await until("what Ana has", () => card("Ana").locator(place).count());
    await goOnDuty(lea);
    await place.getByRole("button", { name: /^Assign/ }).press("Enter");
    const to = page.getByLabel("To whom?");
    await to.selectOption(await to.locator("option", { hasText: "Lea" }).getAttribute("value"));
    await clean(page, "the dialog to assign");
    await page.getByRole("button", { name: "Assign", exact: true }).last().press("Enter");
    await until("Lea to be told", async () => (await lea.toast.innerText()).includes("hands you"));
    await page.locator(".toast").getByRole("button", { name: "Open" }).first().click();
    await lea.claim();
    await goOnDuty(lea, false);
    await lea.resolve();
  },

  /** A lead listens in, whispers, takes over; the customer reads nothing of it. */
  async lead_listens(kit) {
    const [ana, lea] = await Promise.all([kit.desk(0), kit.desk(2)]);
    const chat = await waiting(kit);
    const id = await chat.conversation();
    await ana.open(id);
    await ana.claim();
    const { page } = lea;
    await page.locator("body").press("f");
    await page.locator(".one", { hasText: "Ana" }).locator(".place .open").last().click();
    await lea.owner("you listen in");
    await until("Ana to see her", async () => (await ana.page.locator(".viewers").innerText()).includes("Lea"));
    assert.ok(await focusKept(page), "the focus was lost on the way from the floor");
    await clean(page, "listening in");
    await page.getByRole("button", { name: "Whisper" }).click();
    assert.equal(await lea.field.inputValue(), "@Ana ");
    await page.keyboard.type("ask for the photo");
    await page.keyboard.press("Control+Enter");
    await until("Ana to be told", async () => (await ana.toast.innerText()).includes("ask for the photo"));
    await page.keyboard.press("Escape");
    await page.keyboard.press("u");
    await lea.owner("You have it");
    await until("Ana to know", async () => (await ana.toast.innerText()).includes("taken over"));
    assert.ok(!(await chat.rows()).some((row) => row.text.includes("photo")), "the customer reads a whisper");
    await lea.resolve();
  },

  /** Several at once: what is one's own is done, the rest is refused in words and stays ticked. */
  async several_at_once(kit) {
    const ana = await kit.desk(0);
    await goOnDuty(ana, false);
    const chats = [await waiting(kit, "one"), await waiting(kit, "two")];
    const [mine, other] = [await chats[0].conversation(), await chats[1].conversation()];
    const { page } = ana;
    await ana.open(mine);
    await ana.claim();
    await page.keyboard.press("x");
    await ana.open(other);
    await until("both lists", () => page.locator(".mine .item").count());
    await page.keyboard.press("x");
    await page.locator(".mine .tick").last().check();
    await until("two selected", async () => (await page.locator(".bulk").innerText()).includes("2 selected"));
    await clean(page, "several selected");
    await page.locator(".bulk").getByRole("button", { name: "Resolve" }).click();
    await page.keyboard.press("Enter");
    await until("the outcome", async () => /1 done.*1 refused/s.test(await ana.toast.innerText()));
    await until("the refused one to stay", async () => (await page.locator(".bulk").innerText()).includes("1 selected"));
    await chats[0].stands("has ended");
    await page.getByRole("button", { name: "Select none" }).click();
    assert.ok(await focusKept(page), "the focus was lost with the bar");
    await ana.claim();
    await ana.resolve();
  },

  /** Put off by keyboard, shown apart, taken back with Z; put off again, and awake when the customer writes. */
  async snoozed_and_back(kit) {
    const ana = await kit.desk(0);
    const chat = await waiting(kit);
    const id = await chat.conversation();
    const { page } = ana;
    await ana.open(id);
    await ana.claim();
    const sleep = async () => {
      await page.locator("body").press("h");
      await page.getByLabel("In four hours").check();
      await page.keyboard.press("Enter");
      await until("the row apart", async () => /wakes in [34] h/.test(await page.locator(".asleep").textContent()));
    };
    await page.locator("body").press("h");
    await page.getByRole("radio", { name: "In an hour" }).waitFor();
    await clean(page, "the dialog to snooze");
    await page.keyboard.press("Escape");
    await sleep();
    await clean(page, "a row asleep and an undo");
    await page.locator("body").press("z");
    await ana.owner("You have it");
    await sleep();
    await chat.say("I found it");
    await until("to wake", async () => !(await page.locator(".asleep").isVisible()));
    await ana.open(id);
    if (!(await page.locator(".owner").innerText()).includes("You have it")) await ana.claim();
    await ana.resolve();
  },
};
