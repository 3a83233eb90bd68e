// The desk: hand-over, claim race, keys, rows that stay.

import assert from "node:assert/strict";
import { goOnDuty } from "../deskpage.mjs";
import { until, weigh } from "../kit.mjs";

/** An anonymous customer who waits for a person; answers their chat. */
export async function waiting(kit, text = "Hello") {
  const chat = await (await kit.shop(await kit.profile())).open();
  await chat.ask(text);
  await chat.human.click();
  await chat.stands("Waiting for a person");
  return chat;
}

const DESK_BYTES = 60_000;

export const desk = {
  async desk_budget(kit) {
    const page = await (await kit.profile()).newPage();
    const asked = new Set();
    page.on("request", (request) => /^\/(a\/|desk$)/.test(new URL(request.url()).pathname) && asked.add(request.url()));
    await page.goto(`${kit.base}/desk`);
    await page.getByLabel("Password").waitFor();
    const bytes = (await Promise.all([...asked].map(weigh))).reduce((sum, one) => sum + one, 0);
    console.log(`# desk: ${bytes} bytes in ${asked.size} files`);
    assert.ok(asked.size > 10 && bytes <= DESK_BYTES, `the desk weighs ${bytes} bytes in ${asked.size} files`);
  },

  async handover(kit) {
    const ana = await kit.desk();
    const chat = await (await kit.shop(await kit.profile())).open();
    assert.match(await chat.root.locator(".disclosure").innerText(), /AI assistant/, "no word about the AI before the first message");
    await chat.ask("Hello");
    await chat.human.click();
    await chat.stands("Waiting for a person");
    await until("the conversation in the list", async () => (await ana.page.locator(".waiting .item").allInnerTexts()).length > 0);
    await ana.open(await chat.conversation());
    await ana.claim();
    await chat.stands(`${ana.name} has this conversation`);
    const silent = (await chat.bot()).length;
    await ana.note("A secret note");
    await ana.reply("Hello, this is a person.");
    await chat.say("Where is my refund?");
    await until("the message at the desk", async () => (await ana.texts("customer")).includes("Where is my refund?"));
    await chat.page.waitForTimeout(600);
    assert.equal((await chat.bot()).length, silent, "the bot spoke while a person had the conversation");
    const rows = await chat.rows();
    assert.ok(rows.filter((row) => row.type === "bot").every((row) => row.by === "AI assistant"));
    assert.deepEqual(rows.filter((row) => row.type === "agent").map((row) => row.by), [ana.name]);
    assert.ok(!rows.some((row) => row.text.includes("secret")), "the customer sees a note");
    await ana.giveBack();
    await chat.stands("AI assistant");
    await until("the bot to go on", async () => (await chat.bot()).length > silent);
  },

  async claim_race(kit) {
    const [ana, ben] = await Promise.all([kit.desk(0), kit.desk(1)]);
    const chat = await waiting(kit);
    const id = await chat.conversation();
    await Promise.all([ana.open(id), ben.open(id)]);
    await Promise.all([ana.page.keyboard.press("c"), ben.page.keyboard.press("c")]);
    const owner = (desk) => desk.page.locator(".owner").innerText();
    await until("one winner", async () => [await owner(ana), await owner(ben)].filter((text) => text === "You have it").length === 1);
    const [winner, loser] = (await owner(ana)) === "You have it" ? [ana, ben] : [ben, ana];
    await until("the loser to be told", async () => (await loser.toast.innerText()).includes(winner.name));
    await until("the loser to see it", async () => (await owner(loser)).includes(`${winner.name} has it`));
    assert.equal((await chat.rows()).filter((row) => row.text.includes("has joined")).length, 1, "joined once");
  },

  async desk_keys(kit) {
    const ana = await kit.desk();
    const chats = [await waiting(kit, "one"), await waiting(kit, "two")];
    const { page } = ana;
    const items = page.locator(".waiting .item");
    await until("both in the list", async () => (await items.count()) >= 2);
    await items.last().evaluate((node) => (window.kept = node));
    await page.keyboard.press("j");
    await until("a selection", () => page.locator('.item[aria-current="true"]').count());
    const second = await chats[1].conversation();
    let updates = 0;
    page.on("websocket", (socket) => socket.on("framereceived", ({ payload }) => String(payload).startsWith('{"type":"queue"') && updates++));
    await ana.open(second);
    const row = page.locator('.waiting .item[aria-current="true"]');
    await row.evaluate((node) => (window.kept = node));
    await row.focus();
    // Somebody comes on duty and goes again: each time everybody's list is sent anew, with who is being asked.
    const ben = await kit.desk(1);
    await goOnDuty(ben, false);
    updates = 0;
    for (let clicks = 0; updates < 50; clicks += 1) {
      assert.ok(clicks < 400, "the list is not sent anew");
      const seen = updates;
      await ben.page.getByRole("switch").click();
      // Two that fall together change nothing: then the next one does.
      for (let waited = 0; updates === seen && waited < 50; waited += 1) await page.waitForTimeout(20);
    }
    await goOnDuty(ben, false);
    assert.ok(await page.evaluate(() => window.kept.isConnected && document.activeElement === window.kept), "over 50 updates the row was drawn anew or lost the focus");
    await page.keyboard.press("c");
    await ana.owner("You have it");
    await page.keyboard.press("r");
    await page.keyboard.type("jkcne");
    assert.equal(await ana.field.inputValue(), "jkcne", "keys act inside the field");
    await page.keyboard.press("Control+Enter");
    await until("the reply", async () => (await chats[1].texts("agent")).includes("jkcne"));
    await page.keyboard.press("Escape");
    await page.keyboard.press("n");
    await page.keyboard.type("a note");
    await page.keyboard.press("Control+Enter");
    await until("the note", async () => (await ana.texts("note")).includes("a note"));
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    await page.getByLabel("Single keys work").uncheck();
    await page.keyboard.press("Escape");
    await until("the dialog to go", async () => !(await page.locator("dialog").count()));
    await page.keyboard.press("e");
    await page.waitForTimeout(200);
    assert.equal(await page.locator("dialog").count(), 0, "a key works although it is switched off");
    await page.getByRole("button", { name: "Keys" }).click();
    await page.getByLabel("Single keys work").check();
    await page.keyboard.press("Escape");
    await until("the dialog to go", async () => !(await page.locator("dialog").count()));
    await page.keyboard.press("e");
    await page.keyboard.press("Enter");
    await chats[1].stands("has ended");
  },

  async desk_reconnects(kit) {
    const chat = await waiting(kit);
    const ana = await kit.desk();
    const id = await chat.conversation();
    const duty = ana.page.getByRole("switch");
    if ((await duty.getAttribute("aria-checked")) === "false") await duty.click();
    await until("to be on duty", async () => (await duty.getAttribute("aria-checked")) === "true");
    let sockets = [];
    await ana.page.routeWebSocket(/\/ws\/desk/, (near) => {
      const far = near.connectToServer();
      sockets.push({ near, far });
      near.onMessage((message) => far.send(message));
      far.onMessage((message) => near.send(message));
    });
    await ana.open(id);
    await ana.claim();
    for (const { near, far } of sockets.splice(0)) (far.close(), near.close({ code: 3001 }));
    await chat.say("said while the desk was away");
    await until("the message at the desk", async () => (await ana.texts("customer")).includes("said while the desk was away"));
    await ana.reply("back again");
    await until("to be on duty again", async () => (await duty.getAttribute("aria-checked")) === "true");
    const all = await ana.page.locator(".talk .rows .row").allInnerTexts();
    assert.equal(all.filter((text) => text.includes("said while")).length, 1, "shown twice");
    assert.deepEqual(await chat.texts("agent"), ["back again"]);
  },
};
