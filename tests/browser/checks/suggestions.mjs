// What the bot did not read rightly: asked about when a conversation is ended, decided by leads, by keyboard and clean.

import assert from "node:assert/strict";
import { goOnDuty } from "../deskpage.mjs";
import { until } from "../kit.mjs";
import { clean } from "./floor.mjs";

const focusIn = (page, selector) => page.evaluate((wanted) => Boolean(document.activeElement?.closest(wanted)), selector);

/** A customer whom nobody could read and who waits for a person; answers the conversation. */
async function riddled(kit, riddle) {
  const chat = await (await kit.shop(await kit.profile())).open();
  await chat.ask(riddle);
  if ((await chat.human.getAttribute("aria-disabled")) !== "true") await chat.human.click();
  await chat.stands("Waiting for a person");
  return chat.conversation();
}

/** Ends conversations with what they were about, over a socket of the desk's page. */
function end(desk, conversations, about) {
  return desk.page.evaluate(async ([ids, intent]) => {
    const socket = new WebSocket(`${location.origin.replace("http", "ws")}/ws/desk`);
    const told = (fits) => new Promise((resolve) => socket.addEventListener("message", ({ data }) => fits(JSON.parse(data)) && resolve()));
    await told((frame) => frame.type === "welcome");
    const ask = (type, conversation, more) => {
      const id = crypto.randomUUID();
      const answer = told((frame) => frame.id === id);
      socket.send(JSON.stringify({ type, id, conversation, ...more }));
      return answer;
    };
    for (const id of ids) {
      await ask("claim", id);
      await ask("resolve", id, { code: "solved", about: intent });
    }
    socket.close();
  }, [conversations, about]);
}

export const suggestions = {
  /** Ended by keyboard, with what it was about; agents do not see what comes of it, who leads does. */
  async suggestions_asked(kit) {
    const [ana, lea] = await Promise.all([kit.desk(0), kit.desk(2)]);
    await goOnDuty(ana, false);
    await goOnDuty(lea, false);
    assert.equal(await ana.page.getByRole("button", { name: "Suggestions" }).isVisible(), false, "agents do not decide what the bot learns");
    const { page } = lea;
    await page.getByRole("button", { name: "Suggestions" }).press("Enter");
    await page.getByRole("button", { name: "Dismissed" }).press("Enter");
    await until("the empty list", async () => (await page.locator(".suggestions .empty:visible").innerText()).includes("Nothing was dismissed"));
    await clean(page, "no suggestions");
    await ana.open(await riddled(kit, "the purple gizmo sings: under my <b>umbrella</b>"));
    await ana.claim();
    await ana.page.locator("body").press("e");
    const about = ana.page.getByLabel("What was it about?");
    await about.waitFor();
    await about.selectOption("refund_status");
    await clean(ana.page, "the question what it was about");
    await ana.page.getByRole("button", { name: "Resolve", exact: true }).last().press("Enter");
    await ana.owner("Ended");
    await page.getByRole("button", { name: "Open", exact: true }).press("Enter");
    await until("the suggestion", async () => /under my <b>umbrella<\/b>[^]*Ana said so/.test(await page.locator(".suggestion").first().innerText()));
    await clean(page, "suggestions");
  },

  /** Accepted for another intent, decided by somebody else meanwhile, dismissed: by keyboard, the focus never lost. */
  async suggestions_decided(kit) {
    const lea = await kit.desk(2);
    await goOnDuty(lea, false);
    const { page } = lea;
    await end(lea, [await riddled(kit, "seven gizmos whistle: under the umbrella"), await riddled(kit, "blue gizmos juggle umbrellas at night"), await riddled(kit, "an umbrella gizmo dances with the moon")], "refund_status");
    await page.getByRole("button", { name: "Suggestions" }).press("Enter");
    await page.getByRole("button", { name: "Open", exact: true }).press("Enter");
    const rows = page.locator(".suggestion");
    await until("the suggestions", async () => (await rows.count()) >= 3);
    // Those of the checks before are decided first.
    for (let left = await rows.count(); left > 3; left -= 1) {
      await rows.first().getByRole("button", { name: "Dismiss" }).press("Enter");
      await until("the one of a check before to leave", async () => (await rows.count()) < left);
    }
    await page.locator(".suggested-head h2").focus();
    await page.keyboard.press("j");
    assert.ok(await focusIn(page, ".suggestion"), "J does not lead to the first");

    // Accepted for another intent: the line to add has the focus.
    await rows.first().getByLabel("It means").selectOption("refund_missing");
    await rows.first().getByRole("button", { name: "Accept" }).press("Enter");
    await until("the line", async () => (await rows.first().locator("code").innerText()).startsWith('- "seven gizmos whistle:'));
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
    await until("the accepted one", async () => (await rows.count()) >= 1 && (await rows.first().innerText()).includes("Refund missing"));
    await rows.first().getByRole("button", { name: "Open the conversation" }).press("Enter");
    await until("the transcript", async () => (await lea.texts("customer")).some((text) => text.includes("gizmos whistle")));
    await page.setViewportSize({ width: 320, height: 640 });
    await page.getByRole("button", { name: "Suggestions" }).press("Enter");
    await until("the view", () => page.locator(".suggestions:visible").count());
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth), "it scrolls sideways on a phone");
    // Nobody was signed in at first, and somebody else was faster once: a browser tells of both.
    assert.deepEqual(lea.context.noise.filter((line) => !/status of 40[19]/.test(line)), []);
  },
};
