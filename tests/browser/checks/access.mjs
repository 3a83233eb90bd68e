// axe (WCAG 2.2 AA and best practice) in every state of every face, light and dark.

import assert from "node:assert/strict";
import AxeBuilder from "@axe-core/playwright";
import { until } from "../kit.mjs";

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** Runs axe in both colour schemes; the states of a face are one check each. */
export async function clean(page, state) {
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page }).withTags(TAGS).analyze();
    const told = violations.map((found) => `${found.id}: ${found.help} (${found.nodes.map((node) => node.target.flat(2).join(" ")).slice(0, 3).join("; ")})`);
    assert.deepEqual(told, [], `${state}, ${colorScheme}`);
  }
  await page.emulateMedia({ colorScheme: "light" });
}

export const access = {
  async axe_widget(kit) {
    const context = await kit.profile();
    const line = await kit.line();
    const desk = await kit.desk();
    const chat = await kit.shop(context, { server: line.url, boot: { theme: "auto" } });
    await chat.launcher.waitFor();
    await clean(chat.page, "closed");
    await chat.open();
    await clean(chat.page, "open");
    await chat.ask("Hello");
    await clean(chat.page, "answered");
    await chat.composer.fill("x".repeat(4100));
    await clean(chat.page, "too long");
    await chat.composer.fill("");
    line.cut();
    await chat.root.locator(".banner").waitFor();
    await chat.say("waits");
    await clean(chat.page, "offline");
    line.mend();
    await until("the banner to go", () => chat.root.locator(".banner").isHidden());
    await chat.human.click();
    await chat.stands("Waiting for a person");
    await clean(chat.page, "queue");
    await desk.open(await chat.conversation());
    await desk.claim();
    await desk.reply("Hello, **this** is a [person](https://example.com/).");
    await until("the reply", async () => (await chat.texts("agent")).length === 1);
    await clean(chat.page, "agent");
    await desk.resolve();
    await chat.root.locator(".rating").waitFor();
    await chat.root.getByRole("button", { name: "Good", exact: true }).click();
    await clean(chat.page, "closed and rating");
  },

  async axe_choices_and_phone(kit) {
    const context = await kit.profile({ viewport: { width: 360, height: 700 } });
    const chat = await (await kit.demo(context, "P21")).open();
    await chat.ask("I bought something and the parcel never came");
    await clean(chat.page, "choices on a phone");
  },

  async axe_frame(kit) {
    const chat = (await kit.shop(await kit.profile(), { boot: { mode: "frame", theme: "auto" } })).framed();
    await chat.open();
    await chat.ask("Hello");
    await clean(chat.page, "frame");
  },

  async axe_demo(kit) {
    const chat = await kit.demo(await kit.profile(), "P01");
    await chat.launcher.waitFor();
    await clean(chat.page, "demo");
  },

  async axe_desk(kit) {
    const context = await kit.profile();
    const page = await context.newPage();
    await page.goto(`${kit.base}/desk`);
    await page.getByLabel("Password").waitFor();
    await clean(page, "sign-in");
    const chat = await (await kit.demo(await kit.profile(), "P22")).open();
    await chat.ask("Hello");
    await chat.human.click();
    await chat.stands("Waiting for a person");
    const desk = await kit.desk();
    await until("a row", () => desk.page.locator(".waiting .item").count());
    await clean(desk.page, "desk list");
    await desk.open(await chat.conversation());
    await desk.claim();
    await desk.note("A note for the next one");
    await desk.reply("Hello");
    await until("the account", () => desk.page.locator(".side .order, .side .person").count());
    await clean(desk.page, "desk conversation");
    await desk.page.getByRole("button", { name: "Resolve" }).click();
    await clean(desk.page, "desk dialog");
    await desk.page.keyboard.press("Escape");
    await desk.page.setViewportSize({ width: 1000, height: 800 });
    await desk.page.getByRole("button", { name: "Details" }).click();
    await clean(desk.page, "desk drawer");
    await desk.page.setViewportSize({ width: 400, height: 800 });
    await desk.page.keyboard.press("Escape");
    await clean(desk.page, "desk on a phone");
  },
};
