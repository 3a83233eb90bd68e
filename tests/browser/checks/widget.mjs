// The widget's own behaviour: keyboard, announcements, a person in reach, two tabs, views.

import assert from "node:assert/strict";
import { until } from "../kit.mjs";

/** Counts what is put into the live region from now on. */
const listen = (chat) =>
  chat.root.locator(".live").evaluate((region) => {
    window.spoken = [];
    new MutationObserver((changes) => changes.forEach((change) => change.addedNodes.forEach((node) => window.spoken.push(node.textContent)))).observe(region, { childList: true });
  });
const spoken = (chat) => chat.page.evaluate(() => window.spoken);

export const widget = {
  async keyboard(kit) {
    const context = await kit.profile();
    const chat = await kit.shop(context);
    const { keyboard } = chat.page;
    for (let n = 0; n < 5 && (await chat.focus()) !== "launch"; n++) await keyboard.press("Tab");
    assert.equal(await chat.focus(), "launch", "Tab does not reach the launcher");
    await keyboard.press("Enter");
    await until("the focus in the composer", async () => (await chat.focus()) === "composer");
    await chat.online();
    // The starters are quick replies too: a choice by keyboard puts the focus back into the composer.
    for (let n = 0; n < 5 && !(await chat.focus()).includes("choice"); n++) await keyboard.press("Shift+Tab");
    assert.match(await chat.focus(), /choice/, "Shift+Tab does not reach the quick replies");
    await keyboard.press("Enter");
    assert.equal(await chat.focus(), "composer", "after a choice the focus is not in the composer");
    await chat.answer(0);
    assert.equal((await chat.mine()).length, 1);
    await keyboard.type("Hello\nagain".replace("\n", ""));
    await keyboard.press("Shift+Enter");
    await keyboard.type("there");
    await keyboard.press("Enter");
    assert.equal((await chat.mine())[1], "Helloagain\nthere");
    assert.equal(await chat.focus(), "composer");
    await chat.answer(1);
    assert.equal(await chat.focus(), "composer", "an answer moved the focus");
    await keyboard.press("Escape");
    assert.equal(await chat.focus(), "launch", "Escape does not lead back to the launcher");
    assert.ok(await chat.panel.isHidden());
    await keyboard.press("Enter");
    assert.equal(await chat.focus(), "composer");
    const path = [];
    for (let n = 0; n < 12; n++) {
      await keyboard.press("Tab");
      path.push(await chat.focus());
    }
    assert.ok(path.includes("BODY") || path.includes("A"), `Tab never leaves the chat: ${path.join(", ")}`);
  },

  async announcements(kit) {
    const context = await kit.profile();
    const chat = await (await kit.shop(context)).open();
    await listen(chat);
    const answer = await chat.ask("When is my next payment due?");
    await until("an announcement", async () => (await spoken(chat)).length > 0);
    await chat.page.waitForTimeout(700);
    const heard = await spoken(chat);
    assert.equal(heard.length, 1, `one reply gave ${heard.length} announcements: ${heard.join(" | ")}`);
    assert.ok(heard[0].includes(answer.split("\n")[0].slice(0, 20).replace(/\*/g, "")), heard[0]);
    await until("the announcement to be taken away", async () => (await chat.root.locator(".live").innerText()) === "");
    await chat.page.reload();
    await listen(chat);
    await until("the history", async () => (await chat.rows()).length >= 2);
    await chat.page.waitForTimeout(900);
    assert.deepEqual(await spoken(chat), [], "history was announced");
    assert.equal(await chat.root.locator(".log").getAttribute("aria-live"), "off");
  },

  async person_in_reach(kit) {
    const context = await kit.profile();
    const line = await kit.line();
    const desk = await kit.desk();
    const chat = await (await kit.shop(context, { server: line.url })).open();
    const places = {};
    const look = async (state) => {
      assert.ok(await chat.human.isVisible(), `no button for a person in state ${state}`);
      const { x, y } = await chat.human.boundingBox();
      places[state] = `${Math.round(x)},${Math.round(y)}`;
    };
    await look("open");
    await chat.ask("Hello");
    await look("bot");
    await chat.composer.fill("word ".repeat(760));
    await look("long draft");
    await chat.composer.fill("");
    line.cut();
    await chat.root.locator(".banner").waitFor();
    await look("offline");
    await chat.human.click(); // one press, offline
    await until("the wish to wait", async () => (await chat.rows()).at(-1).state.includes("back online"));
    line.mend();
    await chat.stands("Waiting for a person");
    await look("queue");
    await until("the place in the line", async () => /You are (next|number \d+)/.test(await chat.root.locator(".line").innerText()));
    const before = (await chat.rows()).length;
    await chat.human.click({ force: true }); // asked once is enough
    await chat.page.waitForTimeout(200);
    assert.equal((await chat.rows()).length, before, "the wish was sent twice");
    await desk.open(await chat.conversation());
    await desk.claim();
    await chat.stands(desk.name);
    await look("agent");
    await desk.resolve();
    await chat.root.locator(".rating").waitFor();
    await look("closed");
    await chat.root.getByRole("button", { name: "Very good" }).click();
    await chat.root.locator(".rating textarea").fill("Quick");
    await chat.root.getByRole("button", { name: "Send rating" }).click();
    await until("the rating in the log", async () => (await chat.rows()).at(-1).text.includes("Very good"));
    assert.equal(await chat.focus(), "composer");
    assert.equal(new Set(Object.values(places)).size, 1, `the button moves: ${JSON.stringify(places)}`);
  },

  async two_tabs(kit) {
    const context = await kit.profile();
    const desk = await kit.desk();
    const a = await (await kit.shop(context)).open();
    await a.ask("Hello from A");
    const b = await kit.shop(context);
    await b.launcher.click();
    await until("the history in B", async () => (await b.mine()).includes("Hello from A"));
    await a.ask("Second from A");
    await until("the message in B", async () => (await b.mine()).includes("Second from A"));
    await b.settled();
    assert.deepEqual(await b.mine(), ["Hello from A", "Second from A"]);
    assert.deepEqual(await b.rows(), await a.rows());
    await a.human.click();
    await a.stands("Waiting for a person");
    await desk.open(await a.conversation());
    await desk.claim();
    await a.stands(desk.name);
    for (const tab of [a, b]) await tab.composer.press("Escape");
    await desk.reply("Hello, I am reading up.");
    for (const tab of [a, b]) await until("the badge", async () => (await tab.root.locator(".badge").innerText()) === "1");
    assert.match(await a.page.title(), /^\(1\) /);
    assert.match(await a.launcher.getAttribute("aria-label"), /1 unread/);
    await b.launcher.click();
    await until("the badge in A to go", () => a.root.locator(".badge").isHidden());
    assert.equal(await a.page.title(), "Shop");
  },

  async typing_both_ways(kit) {
    const context = await kit.profile();
    const desk = await kit.desk();
    const chat = await (await kit.shop(context)).open();
    await chat.ask("Hello");
    await chat.human.click();
    await chat.stands("Waiting for a person");
    await desk.open(await chat.conversation());
    await desk.claim();
    await chat.stands(desk.name);
    await chat.composer.pressSequentially("I am typ");
    await desk.page.locator(".talk .typing").waitFor();
    await desk.field.pressSequentially("So am");
    await until("the agent's dots", async () => (await chat.root.locator(".typing").innerText()).includes(desk.name));
    await desk.field.fill("So am I");
    await desk.field.press("Control+Enter");
    await until("the reply", async () => (await chat.texts("agent")).includes("So am I"));
    assert.equal(await chat.root.locator(".log .typing").count(), 0);
  },

  async long_text(kit) {
    const context = await kit.profile();
    const chat = await (await kit.shop(context)).open();
    await chat.composer.fill("x".repeat(3990));
    assert.equal(await chat.root.locator(".counter").innerText(), "10 characters left");
    await chat.composer.fill("x".repeat(4001));
    assert.equal(await chat.root.locator(".counter").innerText(), "1 character too many");
    await chat.composer.press("Enter");
    assert.equal((await chat.rows()).length, 0, "a message that is too long was sent");
    assert.equal(await chat.composer.getAttribute("aria-invalid"), "true");
  },

  async views(kit) {
    const context = await kit.profile({ viewport: { width: 320, height: 560 }, hasTouch: true });
    const chat = await (await kit.shop(context, { boot: { locale: "ar", dir: "rtl" } })).open();
    await chat.ask("مرحبا، my parcel " + "never came ".repeat(30));
    assert.ok(await chat.panel.evaluate((node) => node.clientWidth === innerWidth && node.clientHeight === innerHeight), "not full screen on a phone");
    assert.ok(await chat.root.locator(".log").evaluate((node) => node.scrollWidth <= node.clientWidth), "the log scrolls sideways at 320 px");
    assert.ok(await chat.composer.isVisible());
    assert.equal(await chat.panel.getAttribute("aria-modal"), "true");
    const small = await chat.root.evaluate((root) =>
      [...root.shadowRoot.querySelectorAll("button")].filter((node) => node.getClientRects().length && (node.offsetWidth < 24 || node.offsetHeight < 24)).map((node) => node.className),
    );
    assert.deepEqual(small, [], "controls below 24 px");
    assert.equal(await chat.page.evaluate(() => document.getAnimations().length), 0, "something moves under reduced motion");
  },
};
