// What the bot did not read rightly: asked about when a conversation is ended, decided by leads, by keyboard and clean.

import assert from "node:assert/strict";
import { goOnDuty } from "../deskpage.mjs";
import { until } from "../kit.mjs";
import { clean } from "./floor.mjs";

const focusIn = (page, selector) => page.evaluate((wanted) => Boolean(document.activeElement?.closest(wanted)), selector);

/** A conversation that nobody could read, with a person; answers its id. */
async function riddled(kit, desk, riddle) {
  const chat = await (await kit.shop(await kit.profile())).open();
  await chat.ask(riddle);
  await chat.human.click();
  await chat.stands("Waiting for a person");
  const id = await chat.conversation();
  await desk.open(id);
  await desk.claim();
  return id;
}

export const suggestions = {
  async suggestions_decided(kit) {
    const [ana, lea] = await Promise.all([kit.desk(0), kit.desk(2)]);
    await goOnDuty(ana, false);
    await goOnDuty(lea, false);
    assert.equal(await ana.page.getByRole("button", { name: "Suggestions" }).isVisible(), false, "agents do not decide what the bot learns");
    const { page } = lea;
    await page.getByRole("button", { name: "Suggestions" }).press("Enter");
    await until("the empty list", async () => (await page.locator(".suggestions .empty:visible").innerText()).includes("Nothing waits"));
    await clean(page, "no suggestions");

    // Ended by keyboard, with what it was about.
    for (const riddle of ["the purple gizmo sings: under my <b>umbrella</b>", "seven gizmos whistle under the umbrella", "umbrellas hum with the gizmo again"]) {
      await riddled(kit, ana, riddle);
      await ana.page.locator("body").press("e");
      const about = ana.page.getByLabel("What was it about?");
      await about.waitFor();
      await about.selectOption("refund_status");
      if (riddle.startsWith("the")) await clean(ana.page, "the question what it was about");
      await ana.page.getByRole("button", { name: "Resolve", exact: true }).last().press("Enter");
      await ana.owner("Ended");
    }

    await page.getByRole("button", { name: "Open", exact: true }).press("Enter");
    const rows = page.locator(".suggestion");
    await until("three suggestions", async () => (await rows.count()) === 3);
    assert.match(await rows.first().innerText(), /under my <b>umbrella<\/b>/);
    assert.match(await rows.first().innerText(), /Ana said so/);
    await clean(page, "suggestions");
    await page.locator(".suggested-head h2").focus();
    await page.keyboard.press("j");
    assert.ok(await focusIn(page, ".suggestion"), "J does not lead to the first");

    // Accepted for another intent: the line to add has the focus.
    await rows.first().getByLabel("It means").selectOption("refund_missing");
    await rows.first().getByRole("button", { name: "Accept" }).press("Enter");
    await until("the line", async () => (await rows.first().locator("code").innerText()).startsWith('- "the purple gizmo sings:'));
    assert.match(await rows.first().locator(".to-add").innerText(), /intents\/refund_missing\.yaml/);
    assert.ok(await focusIn(page, ".to-add"), "the focus was lost with the buttons");
    await clean(page, "an accepted suggestion");

    // Decided by somebody else meanwhile: told, and gone from the list; then dismissed by keyboard.
    const second = await rows.nth(1).getAttribute("data-id");
    await page.evaluate((id) => fetch(`/api/desk/suggestions/${id}`, { method: "POST", headers: { "content-type": "application/json" }, body: '{"act":"dismiss"}' }), second);
    await rows.nth(1).getByRole("button", { name: "Accept" }).press("Enter");
    await until("to be told", async () => (await lea.toast.innerText()).includes("decided meanwhile"));
    await until("it to leave", async () => (await rows.count()) === 2);
    await rows.nth(1).getByRole("button", { name: "Dismiss" }).press("Enter");
    await until("it to leave, too", async () => (await rows.count()) === 1);
    assert.ok(await focusIn(page, ".suggestion"), "the focus was lost with the row");

    await page.getByRole("button", { name: "Accepted" }).press("Enter");
    await until("the accepted one", async () => (await rows.count()) === 1 && (await rows.first().innerText()).includes("Refund missing"));
    await clean(page, "accepted suggestions");
    await rows.first().getByRole("button", { name: "Open the conversation" }).press("Enter");
    await until("the transcript", async () => (await lea.texts("customer")).some((text) => text.includes("purple gizmo")));
    await page.setViewportSize({ width: 320, height: 640 });
    await page.getByRole("button", { name: "Suggestions" }).press("Enter");
    await until("the view", () => page.locator(".suggestions:visible").count());
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth), "it scrolls sideways on a phone");
    assert.deepEqual(lea.context.noise.filter((line) => !line.includes("409")), []);
  },
};
