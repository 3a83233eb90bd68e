// What sentences mean that the bot did not read rightly, by what agents made of them: accepted as examples of an intent, or dismissed.
// Loaded when somebody first looks at it.

import { h, setAttr, setText } from "../lib/dom.js";
import { clockTime, dayText, define, t } from "../lib/i18n.js";
import { intentOptions } from "./about.js";
import { words } from "./texts.js";

define("en", {
  suggested_which: "Which suggestions",
  suggested_open: "Open",
  suggested_accepted: "Accepted",
  suggested_dismissed: "Dismissed",
  suggested_hint: "Sentences that the assistant did not read as what agents then found they were about. An accepted one becomes an example of an intent.",
  none_open: "Nothing waits for a decision.",
  none_accepted: "Nothing was accepted yet.",
  none_dismissed: "Nothing was dismissed yet.",
  read_as: "Read as: {intent}",
  not_read: "Not understood",
  suggested_by: "{name}, {at}",
  means: "It means",
  dismiss: "Dismiss",
  open_talk: "Open the conversation",
  example_add: "Add this line to {file}:",
  example_there: "{file} has this example already:",
  copy_line: "Copy the line",
  copied: "Copied.",
  not_copied: "The browser does not let the desk copy. Select the line and copy it by hand.",
  suggestion_accepted: "Accepted.",
  suggestion_dismissed: "Dismissed.",
});

const STATES = ["open", "accepted", "dismissed"];

/** Asks the server; rejects with its sentence. */
async function call(path, body) {
  const options = body ? { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) } : {};
  const answer = await fetch(`/api/desk/suggestions${path}`, options).catch(() => null);
  const value = await answer?.json().catch(() => ({}));
  if (!answer?.ok) throw Object.assign(new Error(value?.detail ?? t("not_sent")), { status: answer?.status });
  return value;
}

export class Suggestions {
  /**
   * @param {HTMLElement} node where it is shown
   * @param {{told: (error: Error) => void, say: (text: string) => void, open: (conversation: string) => void}} wants
   */
  constructor(node, wants) {
    this.node = node;
    this.wants = wants;
    this.state = STATES[0];
    this.next = null;
    /** What was decided here: a list that was asked for before may still have it open. */
    this.decided = new Set();
    this.states = STATES.map((state) => h("button", { type: "button", class: "btn", text: t(`suggested_${state}`), on: { click: () => this.load(state) } }));
    this.list = h("ul", { class: "suggested" });
    this.none = h("p", { class: "empty", hidden: true });
    this.more = h("button", { type: "button", class: "btn", hidden: true, text: t("more"), on: { click: () => this.#page(this.next) } });
    node.append(
      h("div", { class: "suggested-head" }, h("h2", { text: t("suggestions"), tabindex: -1 }), h("div", { class: "views", role: "group", "aria-label": t("suggested_which") }, ...this.states)),
      h("p", { class: "hint", text: t("suggested_hint") }),
      this.list,
      this.none,
      this.more,
    );
  }

  /** Reads the list afresh. */
  async load(state = this.state) {
    if (state !== this.state) this.list.replaceChildren();
    this.state = state;
    for (const [at, button] of this.states.entries()) setAttr(button, "aria-pressed", String(STATES[at] === state));
    this.options ??= await intentOptions().catch(() => []);
    await this.#page("");
  }

  /** One page of the list: the first replaces what is shown. Of several asked for at once the last counts. */
  async #page(after) {
    const asked = (this.asked = {});
    try {
      const { suggestions, next } = await call(`?${new URLSearchParams({ state: this.state, after })}`);
      if (this.asked !== asked) return;
      this.next = next;
      if (!after) this.list.replaceChildren();
      this.list.append(...suggestions.filter((one) => one.state !== "open" || !this.decided.has(one.id)).map((one) => this.#row(one)));
      this.more.hidden = !next;
    } catch (error) {
      this.wants.told(error);
    }
    this.#count();
  }

  #count() {
    setText(this.none, t(`none_${this.state}`));
    this.none.hidden = this.list.childElementCount > 0;
  }

  #row(one) {
    const about = `said-${one.id}`;
    const button = (name, act, look = "btn") => h("button", { type: "button", class: look, "aria-describedby": about, text: t(name), on: { click: act } });
    const read = one.read_as ? t("read_as", { intent: words(one.read_as) }) : t("not_read");
    const acts = h("div", { class: "suggested-acts" });
    const node = h(
      "li",
      { class: "suggestion", tabindex: -1, "data-id": one.id },
      h("p", { class: "said plain", id: about, dir: "auto", lang: one.language, text: one.text }),
      h("p", { class: "tags" }, h("span", { class: "tag", text: one.language }), h("span", { class: one.read_as ? "tag warn" : "tag", text: read })),
      h("p", { class: "hint", text: one.reason }),
      h("p", { class: "hint num", text: t("suggested_by", { name: one.by, at: `${dayText(one.at)} ${clockTime(one.at)}` }) }),
      acts,
    );
    if (one.state === "open") {
      const means = h("select", { class: "field" }, ...this.options.map((option) => option.cloneNode(true)));
      means.value = one.intent;
      acts.append(
        h("label", { class: "means" }, h("span", { text: t("means") }), means),
        button("accept", () => this.#accept(node, acts, one, means.value), "btn primary"),
        button("dismiss", () => this.#dismiss(node, one)),
      );
    } else acts.append(h("span", { class: "tag accent", text: words(one.intent) }));
    acts.append(button("open_talk", () => this.wants.open(one.conversation), "btn quiet"));
    return node;
  }

  async #accept(node, acts, one, intent) {
    const added = await this.#decide(node, one, { act: "accept", intent });
    if (!added) return;
    const line = h("code", { text: added.line.trim() });
    const shown = h("p", { class: "to-add", tabindex: -1 }, added.already ? t("example_there", { file: added.file }) : t("example_add", { file: added.file }), line);
    const copy = h("button", { type: "button", class: "btn", text: t("copy_line"), on: { click: () => navigator.clipboard.writeText(added.line).then(() => this.wants.say(t("copied")), () => this.wants.told(new Error(t("not_copied")))) } });
    acts.replaceChildren(shown, copy);
    shown.focus();
  }

  async #dismiss(node, one) {
    if (await this.#decide(node, one, { act: "dismiss" })) this.#leave(node);
  }

  /** Decides, once at a time; what somebody else decided meanwhile is told and leaves the list. */
  async #decide(node, one, body) {
    if (node.ariaBusy === "true") return null;
    node.ariaBusy = "true";
    try {
      const answer = await call(`/${encodeURIComponent(one.id)}`, body);
      this.decided.add(one.id);
      this.wants.say(t(body.act === "accept" ? "suggestion_accepted" : "suggestion_dismissed"));
      return answer;
    } catch (error) {
      this.wants.told(error);
      if (error.status === 409 || error.status === 404) this.decided.add(one.id), this.#leave(node);
      return null;
    } finally {
      node.ariaBusy = null;
    }
  }

  /** Takes a row away; the focus goes to its neighbour. */
  #leave(node) {
    // The list may have been drawn anew meanwhile.
    const shown = [...this.list.children].find((row) => row.dataset.id === node.dataset.id) ?? node;
    const beside = shown.nextElementSibling ?? shown.previousElementSibling;
    shown.remove();
    this.#count();
    (beside ?? this.node.querySelector("h2")).focus();
  }

  /** The focus goes to the next row or the one before. */
  move(step) {
    const rows = [...this.list.children];
    const at = rows.findIndex((row) => row.contains(document.activeElement));
    rows[Math.min(Math.max(at + step, 0), rows.length - 1)]?.focus();
  }
}
