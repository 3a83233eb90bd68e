// The field under the transcript: a reply to the customer or a note for the desk. Drafts stay with their conversation.

import { h, setAttr, setText } from "../lib/dom.js";
import { t } from "../lib/i18n.js";
import { typist } from "../lib/typing.js";
import { pick } from "./picker.js";
import { words } from "./texts.js";
import { chooseReply, follows } from "./replies.js";
import { Rewriting, usesOfModel } from "./rewrite.js";

const MAX_CHARS = 4000;
/** A slash and the start of a shortcut, alone in the field. */
const SLASH = /^\/([a-z0-9-]*)$/;

const drafts = {
  get: (key) => localStorage.getItem(`desk.draft.${key}`) ?? "",
  set: (key, text) => (text ? localStorage.setItem(`desk.draft.${key}`, text) : localStorage.removeItem(`desk.draft.${key}`)),
};

export class Writer {
  /**
   * @param {object} wants
   * @param {(kind: "reply"|"note", id: string, text: string) => Promise<any>} wants.send
   * @param {(id: string, on: boolean) => void} wants.typing
   * @param {(id: string, then: any) => void} wants.after what a macro does after its text was sent
   * @param {(error: any) => void} wants.told
   */
  constructor(wants) {
    this.wants = wants;
    this.kind = "reply";
    this.id = null;
    this.mine = false;
    /** What a macro does when its text has been sent, by conversation. */
    this.then = new Map();
    this.typist = typist((on) => this.id && wants.typing(this.id, on));
    this.field = h("textarea", { class: "field", rows: 3, maxlength: MAX_CHARS, dir: "auto", on: { input: () => this.#typed(), keydown: (event) => this.#key(event) } });
    this.tabs = ["reply", "note"].map((kind) => h("button", { type: "button", class: "btn quiet tab", text: t(kind), on: { click: () => this.pick(kind) } }));
    this.hint = h("span", { class: "hint" });
    this.drop = h("button", { type: "button", class: "btn quiet", hidden: true, text: t("then_drop"), on: { click: () => this.#dropMacro() } });
    this.helped = h("button", { type: "button", class: "btn quiet", hidden: true, text: t("model_draft"), on: { click: () => this.#draft() } });
    this.rewriting = new Rewriting({
      now: () => ({ id: this.id, text: this.field.value }),
      put: (text) => this.#put(text),
      told: wants.told,
    });
    usesOfModel().then((uses) => {
      this.helped.hidden = !uses.has("draft");
      this.rewriting.uses = uses;
      this.draw(this.mine);
    });
    this.button = h("button", { type: "submit", class: "btn primary" });
    this.node = h(
      "form",
      { class: "writer", on: { submit: (event) => (event.preventDefault(), this.submit()) } },
      h("div", { class: "tabs", role: "group", "aria-label": `${t("reply")} / ${t("note")}` }, ...this.tabs),
      this.field,
      h("div", { class: "send-row" }, this.hint, this.drop, ...this.rewriting.nodes, this.helped, h("button", { type: "button", class: "btn quiet", text: t("saved_replies"), on: { click: () => this.#saved() } }), this.button),
    );
  }

  #draftKey() {
    return `${this.id}.${this.kind}`;
  }

  /** Shows the drafts of a conversation. */
  open(id) {
    if (id === this.id) return;
    this.typist.quiet();
    this.id = id;
    this.pick("reply", false);
  }

  pick(kind, focus = true) {
    this.typist.quiet();
    this.kind = kind;
    this.field.value = drafts.get(this.#draftKey());
    this.draw(this.mine);
    if (focus) this.field.focus();
  }

  /** `language` is that of the conversation. */
  draw(mine, ended = this.ended, language = undefined) {
    this.mine = mine;
    this.ended = ended;
    const note = this.kind === "note";
    const label = t(note ? "write_note" : "write_reply");
    this.node.classList.toggle("noting", note);
    for (const [at, tab] of this.tabs.entries()) setAttr(tab, "aria-pressed", String((at === 1) === note));
    setAttr(this.field, "aria-label", label);
    setAttr(this.field, "placeholder", label);
    setText(this.button, t(note ? "send_note" : "send_reply"));
    setAttr(this.button, "aria-disabled", note || mine ? null : "true");
    this.rewriting.draw(note, language);
    const then = note || !mine ? null : this.then.get(this.id);
    this.drop.hidden = !then;
    setText(this.hint, note ? t("note_hint") : then ? follows(then) : mine ? t("reply_hint") : t(this.id && this.ended ? "ended_hint" : "claim_first"));
  }

  #typed() {
    drafts.set(this.#draftKey(), this.field.value);
    if (this.mine || this.kind === "note") this.typist.typed(this.field.value);
    if (this.kind === "reply" && SLASH.test(this.field.value)) this.#saved();
    else if (this.kind === "note" && /(^|\s)@$/.test(this.field.value.slice(0, this.field.selectionStart))) this.#complete();
    if (!this.field.value && this.kind === "reply" && this.then.delete(this.id)) this.draw(this.mine);
  }

  /** Inserts a saved reply as a draft. */
  async #saved() {
    const id = this.id;
    if (this.choosing) return;
    this.choosing = true;
    try {
      const chosen = await chooseReply(id, () => SLASH.exec(this.field.value)?.[1] ?? "");
      if (!chosen || id !== this.id) return;
      this.pick("reply");
      const own = this.field.value.replace(SLASH, "");
      this.field.value = [own, chosen.text].filter(Boolean).join("\n");
      this.then.set(id, chosen.then);
      drafts.set(this.#draftKey(), this.field.value);
      this.draw(this.mine);
    } catch (error) {
      this.wants.told(error);
    } finally {
      this.choosing = false;
      this.field.focus();
    }
  }

  /** Inserts a model's draft, to be read and changed; nothing is sent by itself. */
  async #draft() {
    const id = this.id;
    const answer = await fetch(`/api/desk/conversations/${encodeURIComponent(id)}/draft`, { method: "POST" }).catch(() => null);
    const told = (await answer?.json().catch(() => null)) ?? {};
    if (id !== this.id) return;
    if (!told.text) return this.wants.told({ message: told.why ?? told.detail ?? t("not_sent") });
    this.pick("reply");
    this.field.value = [this.field.value, told.text].filter(Boolean).join("\n");
    drafts.set(this.#draftKey(), this.field.value);
    this.field.focus();
  }

  /** Puts a draft into the field in place of what stood there. */
  #put(text) {
    this.field.value = text;
    drafts.set(this.#draftKey(), text);
    this.field.focus();
  }

  /** The text stays, what the macro would do after it does not happen. */
  #dropMacro() {
    this.then.delete(this.id);
    this.draw(this.mine);
    this.field.focus();
  }

  /** Completes a name after an @, where the caret stands. */
  async #complete() {
    const { id } = this;
    const answer = await fetch("/api/desk/agents").catch(() => null);
    const { agents = [] } = answer?.ok ? await answer.json() : {};
    const name = await pick(t("mention"), agents.map((one) => ({ key: one.name, text: one.name, hint: words(one.state) })));
    if (id !== this.id || this.kind !== "note") return;
    this.field.focus();
    if (name) this.field.setRangeText(`${name} `, this.field.selectionStart, this.field.selectionEnd, "end");
    drafts.set(this.#draftKey(), this.field.value);
  }

  /** Begins a note to somebody. */
  mention(name) {
    this.pick("note");
    if (!this.field.value) this.field.value = name ? `@${name} ` : "";
    drafts.set(this.#draftKey(), this.field.value);
  }

  #key(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "Escape") this.field.blur();
  }

  async submit() {
    const text = this.field.value.trim();
    const { id, kind } = this;
    if (!text || (kind === "reply" && !this.mine)) return;
    this.typist.sent();
    this.rewriting.forget();
    this.field.value = "";
    drafts.set(this.#draftKey(), "");
    // At once: when the answer comes the agent may be somewhere else already.
    this.field.focus();
    try {
      await this.wants.send(kind, id, text);
      if (kind === "note") return;
      const then = this.then.get(id);
      this.then.delete(id);
      this.draw(this.mine);
      if (then) this.wants.after(id, then);
    } catch {
      // Not taken: the words come back, before whatever was written since.
      const key = `${id}.${kind}`;
      drafts.set(key, [text, drafts.get(key)].filter(Boolean).join("\n"));
      if (key === this.#draftKey()) this.field.value = drafts.get(key);
    }
  }
}
