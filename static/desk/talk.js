// The middle: one conversation live, with what can be done to it.

import { dots, h, icon, keyed, setAttr, setText } from "../lib/dom.js";
import { t } from "../lib/i18n.js";
import { arranged, createRow, keyOf } from "./rows.js";
import { Writer } from "./writer.js";

export class TalkView {
  /**
   * @param {import("./model.js").Model} model
   * @param {import("./actions.js").Actions} actions
   * @param {{back: () => void, details: () => void, more: () => void, told: (error: any) => void}} wants
   */
  constructor(model, actions, wants) {
    this.model = model;
    this.actions = actions;
    this.wants = wants;
    this.id = null;
    this.writer = new Writer({
      send: (kind, conversation, text) => this.#try(model.ask(kind, { conversation, text })),
      typing: (conversation, on) => model.typing(conversation, on),
      after: (conversation, then) => this.#follow(conversation, then),
      told: wants.told,
    });
    const button = (name, kind, press) => h("button", { type: "button", class: `btn ${kind}`, text: t(name), on: { click: press } });
    this.claimButton = button("claim", "primary", () => this.claim());
    this.whisperButton = button("whisper", "", () => this.whisper());
    this.takeOverButton = button("take_over", "", () => this.takeOver());
    this.resolveButton = button("resolve", "", () => this.resolve());
    this.transferButton = button("transfer", "", () => this.transfer());
    this.snoozeButton = button("snooze", "less", () => this.snooze());
    this.releaseButton = button("release", "less", () => this.release());
    this.returnButton = button("give_back", "less", () => this.giveBack());
    this.moreButton = button("more", "rest", wants.more);
    /** Those who look at this conversation, too. */
    this.viewers = h("span", { class: "viewers tag warn", hidden: true });
    this.title = h("h2", { dir: "auto", tabindex: -1 });
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
        h("div", { class: "who" }, this.title, this.owner, " ", this.viewers),
        h("div", { class: "acts" }, this.claimButton, this.whisperButton, this.takeOverButton, this.resolveButton, this.transferButton, this.snoozeButton, this.releaseButton, this.returnButton, this.moreButton, iconButton("details", "panel", wants.details, "to-side")),
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
    const mine = owner === "mine";
    const heard = model.leads && owner === "agent";
    setText(this.owner, t(heard ? "owner_heard" : `owner_${owner}`, { name: talk.agent ?? t("by_agent") }));
    this.claimButton.hidden = mine || owner === "closed" || heard;
    this.whisperButton.hidden = this.takeOverButton.hidden = !heard;
    for (const button of [this.returnButton, this.transferButton, this.snoozeButton, this.releaseButton, this.resolveButton, this.moreButton]) button.hidden = !mine;
    const lookers = model.lookers(id);
    this.viewers.hidden = lookers.length === 0;
    setText(this.viewers, t("looks_too", { n: lookers.length, names: lookers.join(", ") }));
    keyed(this.rows, arranged(talk.events), keyOf, (event) => {
      const row = createRow(event);
      if (!event.sub) row.dataset.seq = event.seq;
      return row;
    });
    this.typing.hidden = !talk.typing;
    if (talk.typing) setText(this.typing.lastChild, t("typing", { name: talk.typing.name ?? t(talk.typing.kind === "agent" ? "by_agent" : "by_customer") }));
    const language = talk.events.findLast((event) => event.kind === "message" && event.data.locale && event.by.kind === "customer")?.data.locale;
    this.writer.draw(mine, owner === "closed", language ?? talk.packet?.language);
    setAttr(this.log, "aria-label", this.title.textContent);
    const held = document.activeElement;
    if (held?.hidden && this.full.contains(held)) this.title.focus({ preventScroll: true });
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

  /** What a macro does after its text was sent. */
  #follow(conversation, then) {
    if (then.resolve) return this.actions.end(conversation, then.resolve);
    if (then.transfer) return this.actions.move(conversation, then.transfer);
    return this.actions.sleep(conversation, then.snooze_hours);
  }

  /** Does something when its button is there; the focus goes to the title when the button has gone with it. */
  async #act(button, act) {
    if (!this.id || button.hidden) return;
    await act(this.id);
    if (document.activeElement === document.body) this.title.focus({ preventScroll: true });
  }

  claim = () => this.#act(this.claimButton, this.actions.claim);
  /** A note for whoever has it: they alone are told, the customer sees nothing. */
  whisper() {
    const { agent } = this.model.talk(this.id);
    this.writer.mention(agent ?? "");
  }

  /** Whether something can be done to what is open, by the name of its words. */
  can(name) {
    const button = { claim: this.claimButton, take_over: this.takeOverButton, whisper: this.whisperButton, give_back: this.returnButton, transfer: this.transferButton, snooze: this.snoozeButton, release: this.releaseButton, resolve: this.resolveButton }[name];
    return Boolean(this.id) && (!button || !button.hidden);
  }

  takeOver = () => this.#act(this.takeOverButton, this.actions.takeOver);
  giveBack = () => this.#act(this.returnButton, this.actions.giveBack);
  transfer = () => this.#act(this.transferButton, (id) => this.actions.transfer(id));
  snooze = () => this.#act(this.snoozeButton, (id) => this.actions.snooze(id));
  release = () => this.#act(this.releaseButton, (id) => this.actions.release(id));
  resolve = () => this.#act(this.resolveButton, (id) => this.actions.resolve(id));

  /** Scrolls to an event of the transcript and marks it for a moment. */
  show(seq) {
    const row = this.rows.querySelector(`[data-seq="${seq}"]`);
    if (!row) return;
    row.scrollIntoView({ block: "center" });
    row.classList.add("shown");
    setTimeout(() => row.classList.remove("shown"), 2000);
    row.setAttribute("tabindex", "-1");
    row.focus({ preventScroll: true });
  }

  write(kind) {
    if (this.id) this.writer.pick(kind);
  }
}
