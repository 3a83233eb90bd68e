// The middle: one conversation live, with what can be done to it.

import { dots, h, icon, keyed, setAttr, setText } from "../lib/dom.js";
import { t } from "../lib/i18n.js";
import { askOne } from "./dialogs.js";
import { createRow, keyOf } from "./rows.js";
import { CODES, QUEUES } from "./texts.js";
import { Writer } from "./writer.js";

export class TalkView {
  /**
   * @param {import("./model.js").Model} model
   * @param {{back: () => void, details: () => void, done: () => void, told: (error: any) => void}} wants
   */
  constructor(model, wants) {
    this.model = model;
    this.wants = wants;
    this.id = null;
    this.writer = new Writer({
      send: (kind, conversation, text) => this.#try(model.ask(kind, { conversation, text })),
      typing: (conversation, on) => model.typing(conversation, on),
    });
    const button = (name, kind, press) => h("button", { type: "button", class: `btn ${kind}`, text: t(name), on: { click: press } });
    this.claimButton = button("claim", "primary", () => this.claim());
    this.returnButton = button("give_back", "", () => this.#wish("return"));
    this.transferButton = button("transfer", "", () => this.transfer());
    this.resolveButton = button("resolve", "", () => this.resolve());
    this.title = h("h1", { dir: "auto", tabindex: -1 });
    this.owner = h("span", { class: "owner" });
    const iconButton = (name, shape, press, kind) => h("button", { type: "button", class: `btn icon-only ${kind}`, "aria-label": t(name), on: { click: press } }, icon(shape));
    this.rows = h("div", { class: "rows" });
    this.typing = h("div", { class: "typing", hidden: true }, dots(), h("span", {}));
    this.log = h("div", { class: "log", role: "log", "aria-live": "off", "aria-label": t("desk"), tabindex: 0 }, this.rows, this.typing);
    this.empty = h("div", { class: "none" }, h("p", { text: t("pick") }), h("p", { class: "hint", text: t("pick_hint") }));
    this.full = h(
      "div",
      { class: "talk-full", hidden: true },
      h(
        "div",
        { class: "talk-head" },
        iconButton("back", "back", wants.back, "to-list"),
        h("div", { class: "who" }, this.title, this.owner),
        h("div", { class: "acts" }, this.claimButton, this.returnButton, this.transferButton, this.resolveButton, iconButton("details", "panel", wants.details, "to-side")),
      ),
      this.log,
      this.writer.node,
    );
    this.node = h("main", { class: "talk" }, this.empty, this.full);
  }

  open(id) {
    if (id !== this.id) this.rows.replaceChildren(), (this.rows.rows = new Map());
    this.id = id;
    this.empty.hidden = Boolean(id);
    this.full.hidden = !id;
    if (id) this.writer.open(id);
    this.draw();
    this.log.scrollTop = this.log.scrollHeight;
  }

  draw() {
    if (!this.id) return;
    const { model, id } = this;
    const talk = model.talk(id);
    const owner = model.ownerOf(id);
    const stick = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 80;
    const row = [...model.waiting, ...model.mine].find((one) => one.conversation === id);
    setText(this.title, talk.packet?.customer?.name ?? row?.customer ?? t("guest"));
    setText(this.owner, t(`owner_${owner}`, { name: talk.agent ?? t("by_agent") }));
    const mine = owner === "mine";
    this.claimButton.hidden = mine || owner === "closed";
    for (const button of [this.returnButton, this.transferButton, this.resolveButton]) button.hidden = !mine;
    keyed(this.rows, talk.events, keyOf, createRow);
    this.typing.hidden = !talk.typing;
    if (talk.typing) setText(this.typing.lastChild, t("typing", { name: talk.typing.name ?? t(talk.typing.kind === "agent" ? "by_agent" : "by_customer") }));
    this.writer.draw(mine);
    setAttr(this.log, "aria-label", this.title.textContent);
    if (stick) this.log.scrollTop = this.log.scrollHeight;
  }

  async #try(promise) {
    try {
      return await promise;
    } catch (error) {
      this.wants.told(error);
      throw error;
    }
  }

  #wish(type, more) {
    return this.#try(this.model.ask(type, { conversation: this.id, ...more })).catch(() => {});
  }

  async claim() {
    if (!this.id || this.claimButton.hidden) return;
    await this.#wish("claim");
  }

  async transfer() {
    if (this.transferButton.hidden) return;
    const to = await askOne(t("transfer"), t("transfer_to"), QUEUES);
    if (to) await this.#wish("transfer", { to });
  }

  async resolve() {
    if (!this.id || this.resolveButton.hidden) return;
    const code = await askOne(t("resolve"), t("resolve_as"), CODES);
    if (code) await this.#wish("resolve", { code });
    this.title.focus({ preventScroll: true });
  }

  write(kind) {
    if (this.id) this.writer.pick(kind);
  }
}
