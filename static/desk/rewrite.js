// A language model's help with the agent's own words: polished, or in the customer's language. What comes back stands in the field as a draft, with
// a way back; nothing is sent by itself. Without a model there are no such buttons.

import { h, setText } from "../lib/dom.js";
import { t } from "../lib/i18n.js";

/** What the model may be used for; nothing without one. */
export async function usesOfModel() {
  const answer = await fetch("/api/desk/model").catch(() => null);
  return new Set((answer?.ok && (await answer.json()).model?.uses) || []);
}

/** The language of a locale: `fr` of `fr-FR`. */
const primary = (locale) => locale.split(/[-_]/)[0];

/** A language's name in words: "French" of `fr-FR`. */
export function languageName(locale) {
  const tag = primary(locale);
  try {
    return new Intl.DisplayNames(["en"], { type: "language" }).of(tag) ?? tag;
  } catch {
    return tag; // no such language
  }
}

export class Rewriting {
  /**
   * @param {object} wants
   * @param {() => {id: string, text: string}} wants.now the conversation and what stands in the field
   * @param {(text: string) => void} wants.put puts a draft into the field
   * @param {(error: any) => void} wants.told
   */
  constructor(wants) {
    this.wants = wants;
    this.uses = new Set();
    this.language = null;
    /** What stood in the field before, with its conversation. */
    this.before = null;
    const button = (press) => h("button", { type: "button", class: "btn quiet", hidden: true, on: { click: press } });
    this.polish = button(() => this.#ask(this.polish, "polish", {}));
    this.translate = button(() => this.#ask(this.translate, "translate", { to: primary(this.language) }));
    this.undo = button(() => this.#back());
    setText(this.polish, t("model_polish"));
    setText(this.undo, t("model_undo"));
    this.nodes = [this.undo, this.polish, this.translate];
  }

  /** `language` is that of the conversation; a note is nobody's but the desk's. */
  draw(note, language = this.language) {
    this.language = language;
    this.polish.hidden = note || !this.uses.has("polish");
    this.translate.hidden = note || !language || !this.uses.has("translate");
    if (language) setText(this.translate, t("model_translate", { language: languageName(language) }));
    this.undo.hidden = note || this.before?.id !== this.wants.now().id;
  }

  /** The words are gone: there is nothing to go back to. */
  forget() {
    this.before = null;
    this.undo.hidden = true;
  }

  async #ask(button, what, more) {
    const { id, text } = this.wants.now();
    if (!text.trim() || button.ariaBusy === "true") return;
    button.ariaBusy = "true";
    const request = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ text, ...more }) };
    const answer = await fetch(`/api/desk/conversations/${encodeURIComponent(id)}/${what}`, request).catch(() => null);
    const told = (await answer?.json().catch(() => null)) ?? {};
    button.ariaBusy = null;
    const now = this.wants.now();
    if (now.id !== id) return;
    if (!told.text) return this.wants.told({ message: told.why ?? told.detail ?? t("not_sent") });
    if (now.text !== text) return this.wants.told({ message: t("model_changed") });
    this.before = { id, text };
    this.wants.put(told.text);
    this.undo.hidden = false;
  }

  #back() {
    const { before } = this;
    this.forget();
    if (before?.id === this.wants.now().id) this.wants.put(before.text);
  }
}
