// The desk as an agent uses it.

import { until } from "./kit.mjs";

export class Desk {
  /** @param {import("playwright-core").Page} page */
  constructor(page, name, context) {
    this.page = page;
    this.name = name;
    this.context = context;
    this.field = page.locator(".writer textarea");
    this.toast = page.locator(".toast");
  }

  /** Opens a conversation by its id. */
  async open(conversation) {
    await this.page.evaluate((id) => (location.hash = id), conversation);
    await this.page.reload();
    await this.page.getByRole("switch").waitFor();
    await until("the transcript", () => this.page.locator(".talk .rows .row").count());
  }

  async claim() {
    await this.page.getByRole("button", { name: "Claim", exact: true }).click();
    await this.owner("You have it");
  }

  async owner(text) {
    await until(`the owner to be "${text}"`, async () => (await this.page.locator(".owner").innerText()).includes(text));
  }

  async reply(text) {
    await this.page.getByRole("button", { name: "Reply", exact: true }).click();
    await this.field.fill(text);
    await this.field.press("Control+Enter");
    await until("the reply to stand in the transcript", async () => (await this.texts("agent")).some((one) => one.includes(text.split(/[*<[]/)[0])));
  }

  async note(text) {
    await this.page.getByRole("button", { name: "Note", exact: true }).click();
    await this.field.fill(text);
    await this.field.press("Control+Enter");
    await until("the note to stand in the transcript", async () => (await this.texts("note")).includes(text));
  }

  async giveBack() {
    await this.page.getByRole("button", { name: "Return to bot", exact: true }).click();
    await this.owner("The bot has it");
  }

  async resolve() {
    await this.page.locator(".acts").getByRole("button", { name: "Resolve", exact: true }).click();
    await this.page.locator("dialog button[type=submit]").click();
    await this.owner("Ended");
  }

  texts(type) {
    return this.page.locator(`.talk .row.${type} .bubble`).allInnerTexts();
  }
}

/** On duty or away, whatever it was before. */
export async function goOnDuty(desk, on = true) {
  await until("the welcome", async () => (await desk.page.locator("span.me").innerText()) === desk.name);
  const duty = desk.page.getByRole("switch");
  if (((await duty.getAttribute("aria-checked")) === "true") !== on) await duty.click();
  await until("the switch", async () => (await duty.getAttribute("aria-checked")) === String(on));
}
