// The widget as a customer uses it.

import { until } from "./kit.mjs";

export class Chat {
  /** @param {import("playwright-core").Page} page */
  constructor(page, kit) {
    this.page = page;
    this.kit = kit;
    this.launcher = page.locator("redress-chat .launch");
    this.inside(page.locator("redress-chat"));
  }

  /** Where the chat is: in the page, or in the frame. */
  inside(root) {
    this.root = root;
    this.panel = root.locator(".panel:not(iframe)");
    this.composer = root.locator(".composer textarea");
    this.human = root.locator(".human");
    return this;
  }

  framed() {
    return this.inside(this.page.frameLocator("redress-chat iframe").locator("body"));
  }

  async open() {
    await this.launcher.click();
    await this.composer.waitFor();
    await this.online();
    return this;
  }

  /** Until the conversation has a name, that is, until the server answered. */
  async online() {
    await until("the line to stand", () => this.root.locator('.panel[data-line="online"]').count());
  }

  /** The id of the conversation, as the widget keeps it. */
  conversation() {
    return this.composer.evaluate(() => JSON.parse(localStorage.getItem("redress..conversation") ?? "null")?.conversation ?? null);
  }

  async say(text) {
    await this.composer.fill(text);
    await this.composer.press("Enter");
  }

  /** Says something and waits for the bot's next words. */
  async ask(text) {
    const before = (await this.bot()).length;
    await this.say(text);
    return this.answer(before);
  }

  /** Waits for bot messages beyond `before` and until nothing more comes; answers the new texts. */
  async answer(before) {
    await until("an answer of the bot", async () => (await this.bot()).length > before);
    await this.settled();
    return (await this.bot()).slice(before).join("\n");
  }

  /** Until the log has not changed for a moment and nobody is writing. */
  async settled(ms = 250) {
    let last = "";
    let since = Date.now();
    await until("the chat to settle", async () => {
      const now = (await this.root.locator(".log").innerText()) + (await this.root.locator(".typing").count());
      if (now !== last) (since = Date.now()), (last = now);
      return Date.now() - since > ms && !(await this.root.locator(".log .typing").count());
    });
  }

  /** The entries of the log: `{type, text, state}`. */
  rows() {
    return this.root.locator(".rows > .row").evaluateAll((nodes) =>
      nodes.map((node) => ({
        type: node.className.replace("row ", ""),
        text: (node.querySelector(".bubble") ?? node.querySelector(".card") ?? node).innerText.trim(),
        by: node.querySelector(".by b")?.textContent ?? null,
        state: node.querySelector(".state")?.textContent ?? "",
      })),
    );
  }

  async texts(type) {
    return (await this.rows()).filter((row) => row.type === type).map((row) => row.text);
  }

  bot = () => this.texts("bot");
  mine = () => this.texts("me");

  choices() {
    return this.root.locator(".tail .choice").allInnerTexts();
  }

  choice(name) {
    return this.root.locator(".tail .choice", { hasText: name }).first();
  }

  /** What the shop's page heard from the widget. */
  heard(name) {
    return this.page.evaluate((wanted) => window.heard.filter((one) => one.name === wanted).map((one) => one.data), name);
  }

  call(...args) {
    return this.page.evaluate((all) => void window.SupportChat(...all), args);
  }

  /** The class of the element with the focus, through shadow roots. */
  focus() {
    return this.page.evaluate(() => {
      let active = document.activeElement;
      while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
      return active?.closest(".composer textarea") ? "composer" : active?.className || active?.tagName || "";
    });
  }

  /** Waits for a state of the header, e.g. "Waiting for a person". */
  async stands(text) {
    await until(`the header to say "${text}"`, async () => (await this.root.locator(".sub").innerText()).includes(text));
  }
}
