// The side panel: facts that lead to where they came from, masked data, what may be done to the account, earlier conversations, one's own access.

import assert from "node:assert/strict";
import { goOnDuty } from "../deskpage.mjs";
import { until } from "../kit.mjs";
import { clean } from "./floor.mjs";

export const packet = {
  async packet_and_account(kit) {
    const ana = await kit.desk(0);
    await goOnDuty(ana, false);
    const chat = await (await kit.demo(await kit.profile(), "P08")).open();
    await chat.ask("My parcel never arrived");
    if ((await chat.human.getAttribute("aria-disabled")) !== "true") await chat.human.click();
    await chat.stands("Waiting for a person");
    await ana.open(await chat.conversation());
    await ana.claim();
    const { page } = ana;
    const side = page.locator(".side");
    await until("the packet", () => side.locator(".packet-who").count());
    assert.match(await side.locator(".packet-who").innerText(), /Liam Carter/);
    const sections = await side.locator("[class*=packet-] h2").allInnerTexts();
    assert.equal(sections[0], "Next step");

    const source = side.locator(".packet-wants button.source").first();
    const seq = (await source.innerText()).slice(1);
    await source.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.dataset.seq), seq, "the source leads nowhere");

    // A fact that stays keeps its node, and the focus on it, when the packet comes again.
    await source.evaluate((node) => (window.kept = node));
    await source.focus();
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 1200)));
    assert.ok(await page.evaluate(() => document.activeElement === window.kept), "the clocks took the focus away");

    const mail = side.locator(".masked", { hasText: "Email" });
    assert.match(await mail.innerText(), /•/);
    await mail.getByRole("button").press("Enter");
    await until("the whole address", async () => /^Email\s*[^•\s]+@[^•\s]+$/.test((await mail.innerText()).trim()));

    const doing = side.locator(".doing");
    if (await doing.count()) {
      await doing.locator("summary").press("Enter");
      await doing.getByRole("button").first().press("Enter");
      await page.locator("dialog").waitFor();
      await clean(page, "an act on the account");
      await page.keyboard.press("Escape");
      assert.ok(await page.evaluate(() => document.activeElement !== document.body), "the focus was lost with the question");
    }
    const file = await side.getByRole("link", { name: "Download the transcript" }).getAttribute("href");
    const text = await page.evaluate((address) => fetch(address).then((answer) => answer.text()), file);
    assert.match(text, /My parcel never arrived/);
    await ana.resolve();
    await chat.ask("And another thing");
    await ana.open(await chat.conversation());
    await clean(page, "an ended conversation");
  },

  /** One's own sessions, the second factor begun, the tone: told by name, never lost in a dialog. */
  async own_access(kit) {
    const lea = await kit.desk(2);
    const { page } = lea;
    await page.getByRole("button", { name: "Your access" }).press("Enter");
    const dialog = page.locator("dialog");
    await until("this session", async () => (await dialog.locator(".sessions").innerText()).includes("this one"));
    assert.match(await dialog.locator(".sessions").innerText(), /on Linux/);
    await dialog.getByLabel("A tone when something comes").check();
    await dialog.getByRole("button", { name: "Set up" }).press("Enter");
    await until("a secret", () => dialog.locator(".secret").count());
    await dialog.getByLabel("Code of your app").fill("000000");
    await dialog.getByRole("button", { name: "Switch on" }).press("Enter");
    await until("the refusal", async () => (await dialog.locator(".problem").innerText()).length > 0);
    await clean(page, "one's own access");
    await until("the log", () => dialog.locator(".audit li").count());
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Your access" }).press("Enter");
    await until("the tone to stay on", () => page.getByLabel("A tone when something comes").isChecked());
    await page.keyboard.press("Escape");
  },
};
