// The widget on foreign pages: strict policies, hostile styles, budget, frame, identity, injection.

import assert from "node:assert/strict";
import { until, weigh } from "../kit.mjs";

const LAUNCHER_BYTES = 2500;
export const WIDGET_BYTES = 30_000;

const storage = (page) => page.evaluate(() => [Object.keys(localStorage).length, Object.keys(sessionStorage).length, document.cookie]);

export const host = {
  async strict_host(kit) {
    const context = await kit.profile();
    const chat = await (await kit.shop(context, { csp: "strict" })).open();
    await chat.ask("Hello");
    assert.equal(await chat.panel.evaluate((node) => getComputedStyle(node).width), "392px", "the panel is not styled");
    assert.deepEqual(context.noise, []);
  },

  async hostile_css(kit) {
    const look = async (css) => {
      const context = await kit.profile();
      const chat = await (await kit.shop(context, { css })).open();
      await chat.ask("Hello");
      return chat.root.evaluate((root) =>
        [".launch", ".panel", ".head h2", ".row.me .bubble", ".row.bot .bubble", ".composer textarea", ".send", ".human", ".disclosure"].map((part) => {
          const style = getComputedStyle(root.shadowRoot.querySelector(part));
          const { fontFamily, fontSize, letterSpacing, textTransform, lineHeight, color, backgroundColor, borderRadius, width } = style;
          return { part, fontFamily, fontSize, letterSpacing, textTransform, lineHeight, color, backgroundColor, borderRadius, ...(part !== ".row.bot .bubble" && { width }) };
        }),
      );
    };
    assert.deepEqual(await look("hostile"), await look(""));
  },

  async budget(kit) {
    const context = await kit.profile();
    const asked = [];
    context.on("request", (request) => asked.push(request.url()));
    const chat = await kit.shop(context);
    await chat.launcher.waitFor();
    await chat.page.waitForTimeout(300);
    const own = () => asked.filter((url) => !url.startsWith(kit.shopUrl) && !url.startsWith("data:"));
    assert.deepEqual(own(), [`${kit.base}/widget.js`], "something was fetched before the first hover");
    assert.deepEqual(await storage(chat.page), [0, 0, ""], "something was stored before the first open");
    assert.ok((await weigh(`${kit.base}/widget.js`)) <= LAUNCHER_BYTES, "the launcher is too heavy");
    await chat.open();
    await chat.ask("Hello");
    let bytes = 0;
    for (const url of new Set(own())) {
      assert.ok(url.startsWith(kit.base), `a request left our origin: ${url}`);
      bytes += await weigh(url);
    }
    assert.ok(bytes <= WIDGET_BYTES, `the widget weighs ${bytes} bytes`);
    console.log(`# widget: ${bytes} bytes in ${new Set(own()).size} files`);
  },

  async frame(kit) {
    const context = await kit.profile();
    const chat = (await kit.shop(context, { boot: { mode: "frame" }, csp: "frame" })).framed();
    assert.deepEqual(await storage(chat.page), [0, 0, ""]);
    await chat.open();
    await chat.ask("Hello");
    await until("the focus in the composer", () => chat.composer.evaluate((node) => node.ownerDocument.activeElement === node));
    const seen = await chat.page.evaluate(() => {
      const frame = document.querySelector("redress-chat").shadowRoot.querySelector("iframe");
      return [frame.contentDocument, document.querySelector("redress-chat").shadowRoot.textContent.includes("Hello"), Object.entries(localStorage).join()];
    });
    assert.equal(seen[0], null, "the host page can read the frame");
    assert.equal(seen[1], false);
    assert.equal(seen[2], "redress.seen,1");
    // A message from anybody but our frame is not heard.
    await chat.page.evaluate(() => window.postMessage({ redress: 1, type: "event", name: "unread", data: 42 }, "*"));
    await chat.page.waitForTimeout(100);
    assert.ok(!(await chat.heard("unread")).includes(42));
    await chat.composer.press("Escape");
    await until("the focus on the launcher", async () => (await chat.focus()) === "launch");
    await chat.call("shutdown");
    await chat.call("boot", { mode: "frame" });
    await chat.open();
    assert.deepEqual(await chat.rows(), [], "the new chat shows the old one");
    assert.deepEqual(context.noise, []);
  },

  async identity(kit) {
    const context = await kit.profile();
    const chat = await kit.shop(context, { boot: { token: "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJQMDEiLCJsZXZlbCI6Miwi ZXhwIjo0MTAyNDQ0ODAwfQ.forged" } });
    await chat.open();
    await chat.ask("Hello");
    assert.equal((await chat.heard("error"))[0]?.code, "unauthorized");
    assert.match(await chat.root.locator(".banner, .hello").first().innerText(), /sign|/i);
    await chat.call("shutdown");
    await until("storage to be empty", async () => (await storage(chat.page)).join() === "0,0,");
    await chat.call("boot", { mode: "inline", token: await kit.token("P01") });
    await chat.open();
    await chat.ask("My secret is rosebud");
    const first = await chat.conversation();
    await chat.call("shutdown");
    await chat.call("boot", { mode: "inline", token: await kit.token("P03") });
    await chat.open();
    assert.deepEqual(await chat.rows(), [], "the second customer sees the first one's chat");
    assert.notEqual(await chat.conversation(), first);
    // Without a shutdown the server refuses the other one's conversation, and the widget starts anew.
    await chat.ask("Hello");
    await chat.call("identify", await kit.token("P01"));
    await until("the chat to be empty", async () => (await chat.rows()).length === 0);
  },

  async shutdown_while_loading(kit) {
    for (const mode of ["inline", "frame"]) {
      const chat = await kit.shop(await kit.profile(), { boot: { mode } });
      if (mode === "frame") chat.framed();
      await chat.open();
      await chat.ask("Hello");
      await chat.page.reload({ waitUntil: "commit" });
      await chat.page.waitForFunction(() => window.SupportChat?.loaded && window.heard);
      await chat.call("shutdown");
      await until(`the page to keep nothing (${mode})`, async () => (await storage(chat.page)).join() === "0,0,");
      await until("the old chat to be gone", async () => (await chat.page.locator("redress-chat").count()) === 0);
      await chat.call("boot", { mode });
      await chat.open();
      assert.deepEqual(await chat.rows(), [], `the new chat shows the old one (${mode})`);
    }
  },

  async injection(kit) {
    const context = await kit.profile();
    const desk = await kit.desk();
    const chat = await (await kit.shop(context, { csp: "strict" })).open();
    const evil = ['<img src=x onerror="alert(1)">', "[press](javascript:alert(1)) <script>alert(2)</script>", "a".repeat(3900), "\u202Egnp.exe \u2066<b>bold</b>"];
    for (const text of evil) await chat.say(text);
    await until("all to be sent", async () => (await chat.rows()).filter((row) => row.type === "me").every((row) => ["Sent", ""].includes(row.state)));
    await chat.human.click({ force: true }); // the bot may have called somebody already
    await chat.stands("Waiting for a person");
    const mine = await chat.mine();
    for (const text of evil) assert.ok(mine.includes(text), `not shown as it was written: ${text.slice(0, 40)}`);
    await desk.open(await chat.conversation());
    await desk.claim();
    const seen = await desk.texts("customer");
    for (const text of evil) assert.ok(seen.includes(text), `not shown as it was written at the desk: ${text.slice(0, 40)}`);
    await desk.reply('<img src=x onerror=alert(3)> [here](javascript:alert(4)) [fine](https://example.com/) <b>x</b> **bold**');
    await until("the reply", async () => (await chat.texts("agent")).length === 1);
    const reply = chat.root.locator(".row.agent .bubble");
    assert.deepEqual(await reply.locator("a").evaluateAll((links) => links.map((link) => [link.href, link.rel.includes("noopener")])), [["https://example.com/", true]]);
    assert.match(await reply.innerText(), /<img src=x onerror=alert\(3\)> here fine <b>x<\/b> bold/);
    for (const page of [chat.page, desk.page]) {
      const found = await page.evaluate(() => {
        const roots = [document, ...[...document.querySelectorAll("*")].map((node) => node.shadowRoot).filter(Boolean)];
        return roots.flatMap((root) => [...root.querySelectorAll("img, .row script, .row b b, a[href^=javascript]")]).length;
      });
      assert.equal(found, 0, "markup of a message became elements");
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "the page scrolls sideways");
    }
    assert.deepEqual(context.noise, []);
    assert.deepEqual(desk.context.noise.filter((line) => !line.includes("401")), []);
  },
};
