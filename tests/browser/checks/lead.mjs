// What leads do on the floor, and what is done to several conversations at once or put off: assigned, whispered, taken over, snoozed.

import assert from "node:assert/strict";
import { goOnDuty } from "../deskpage.mjs";
import { until } from "../kit.mjs";
import { waiting } from "./desk.mjs";
import { clean } from "./floor.mjs";

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

  /** Who leads is told of teams that customers wait for and nobody works in, and of no other. */
  async lead_sees_empty_teams(kit) {
    const { page } = await kit.desk(2);
    const told = (skills, waits) =>
      page.evaluate(
        async ([skills, waits]) => {
          const { Floor } = await import(new URL("floor.js", document.querySelector("script[type=module]").src));
          const now = new Date().toISOString();
          const waiting = waits.map((skill, at) => ({ conversation: `c${at}`, skill, priority: 4, waiting_since: now, due: now }));
          const people = skills.map((skills, at) => ({ id: `a${at}`, name: `A${at}`, state: "gone", skills, languages: [], load: 0, capacity: 4 }));
          const floor = new Floor({ waiting, floor: people, taken: [], onDuty: 0, now: () => Date.now() }, {});
          floor.node.hidden = false;
          floor.draw();
          const line = floor.node.querySelector(".unstaffed");
          return line.hidden ? "" : line.textContent;
        },
        [skills, waits],
      );
    assert.match(await told([["general"], ["disputes"]], ["fraud", "general", "fraud"]), /nobody works: Fraud\. /);
    assert.match(await told([], ["hardship"]), /nobody works: /);
    assert.equal(await told([["general", "fraud"]], ["fraud", "general"]), "");
    assert.equal(await told([[]], ["fraud", "general"]), "");
    assert.equal(await told([["general"]], []), "");
  },

  /** A conversation goes from one person to another by drag; put down where it is, or something else dropped, it stays. */
  async lead_drags(kit) {
    const [ana, ben, lea] = await Promise.all([kit.desk(0), kit.desk(1), kit.desk(2)]);
    for (const desk of [ana, ben, lea]) await goOnDuty(desk, false);
    const chat = await waiting(kit);
    const id = await chat.conversation();
    await ana.open(id);
    await ana.claim();
    const { page } = lea;
    await page.locator("body").press("f");
    const card = (name) => page.locator(".one", { hasText: name });
    const place = page.locator(`.place[data-id="${id}"]`);
    await until("what Ana has", () => card("Ana").locator(place).count());
    // By mouse, move for move, so that the card under it shows that it takes it.
    const over = async (target) => {
      const [from, to] = [await place.boundingBox(), await target.boundingBox()];
      await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
      await page.mouse.down();
      await page.mouse.move(from.x + from.width / 2 + 12, from.y + from.height / 2 + 12, { steps: 3 });
      await page.mouse.move(to.x + to.width / 2, to.y + 16, { steps: 8 });
    };
    await over(card("Ana"));
    await page.mouse.up();
    await over(card("Ben"));
    const { x, y } = await card("Ben").boundingBox();
    let nudge = 0;
    await until("Ben's card to take it", async () => {
      await page.mouse.move(x + 40 + (nudge++ % 5), y + 16);
      return (await card("Ben").getAttribute("class")).includes("over");
    });
    // Longer than the page needs to draw itself anew: the row under the mouse stays.
    await page.waitForTimeout(1200);
    await clean(page, "a row dragged");
    await page.mouse.up();
    await until("Ben to be told", async () => (await ben.toast.innerText()).includes("hands you"));
    assert.equal((await card("Ben").getAttribute("class")).includes("over"), false, "the card still looks as if something were over it");
    await goOnDuty(ben);
    await until("the offer", () => ben.page.locator(".offer").count());
    await ben.open(id);
    await ben.claim();
    await until("what Ben has", () => card("Ben").locator(place).count());
    // Text that is dropped is no conversation.
    await card("Ana").evaluate((node) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.setData("text/plain", "not a conversation");
      node.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
    });
    assert.ok(await card("Ben").locator(place).count(), "Ben lost it");
    assert.equal((await kit.events(id)).filter((event) => event.kind === "handoff" && ["queued", "waiting"].includes(event.data.state)).length, 2, "put down where it was, it was moved all the same");
    await goOnDuty(ben, false);
    await ben.resolve();
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
