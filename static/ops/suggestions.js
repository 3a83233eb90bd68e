// What agents' acts say about how messages should have been read: each is taken into the examples, or put aside.

import { h, keyed, setText } from "../lib/dom.js";
import { t } from "../lib/i18n.js";
import { ask } from "./api.js";
import { when } from "./content.js";
import { propose } from "./try.js";

export class Suggestions {
  /** @param {{say: (text: string) => void}} page */
  constructor(page) {
    this.page = page;
    this.rows = [];
    /** What was decided here: a list that was asked for before may still have it open. */
    this.decided = new Set();
    this.state = h("p", { class: "hint", role: "status" });
    this.list = h("ul", { class: "suggestions" });
    this.more = h("button", { type: "button", class: "btn", hidden: true, text: t("more"), on: { click: () => this.#load(this.next) } });
    this.node = h("div", { class: "view" }, h("h2", { class: "title", tabindex: "-1", text: t("suggestions") }), h("p", { class: "hint", text: t("suggestions_about") }), this.state, this.list, this.more);
  }

  async open() {
    await this.#load("");
  }

  /** One page of the list: the first replaces what is shown. Of several asked for at once the last counts. */
  async #load(after) {
    const asked = (this.asked = {});
    try {
      this.intents ??= (await ask("/api/ops/speakers")).intents;
      const told = await ask(`/api/desk/suggestions?${new URLSearchParams({ state: "open", after })}`);
      if (this.asked !== asked) return;
      this.next = told.next;
      this.rows = [...(after ? this.rows : []), ...told.suggestions].filter((one) => !this.decided.has(one.id));
      setText(this.state, this.rows.length ? "" : t("no_suggestions"));
    } catch (error) {
      this.next = null;
      setText(this.state, error.status === 404 ? t("suggestions_missing") : error.message);
    }
    this.more.hidden = !this.next;
    this.#draw();
  }

  #draw() {
    keyed(this.list, this.rows, (one) => one.id, (one) => this.#row(one));
  }

  #row(one) {
    const id = `intent-${one.id}`;
    const intent = h("select", { class: "field", id }, ...this.intents.map(({ intent: name, title }) => h("option", { value: name, text: `${name}: ${title}`, selected: name === one.intent })));
    const problem = h("p", { class: "problem", role: "alert" });
    const accept = h("button", { type: "button", class: "btn primary", text: t("accept") });
    const dismiss = h("button", { type: "button", class: "btn", text: t("dismiss") });
    const tell = (act) => ask(`/api/desk/suggestions/${encodeURIComponent(one.id)}`, { body: { act, ...(act === "accept" && { intent: intent.value }) } });
    let isBusy = false;
    const attempt = (work) => async () => {
      if (isBusy) return;
      isBusy = true;
      problem.textContent = "";
      try {
        await work();
      } catch (error) {
        problem.textContent = error.message;
      }
      isBusy = false;
    };
    const put = async () => {
      if (await propose(this.page, "/api/ops/example", { intent: intent.value, text: one.text, language: one.language || "en" })) this.#gone(one);
    };
    // It counts as accepted from here on; the file is the person's next press, or a later one.
    let isAccepted = false;
    accept.addEventListener("click", attempt(async () => {
      if (!isAccepted) {
        const told = await tell("accept");
        isAccepted = true;
        intent.disabled = true;
        dismiss.hidden = true;
        accept.textContent = t("put_into_file");
        if (told.already) {
          this.page.say(t("already_there"));
          return this.#gone(one);
        }
      }
      await put();
    }));
    dismiss.addEventListener("click", attempt(async () => {
      await tell("dismiss");
      this.page.say(t("dismissed"));
      this.#gone(one);
    }));
    return h(
      "li",
      { class: "box", tabindex: "-1" },
      h("q", { class: "said", lang: one.language, text: one.text }),
      h("p", { class: "hint" }, t("read_as", { intent: one.read_as ?? t("nothing_known") }), " · ", one.reason, " · ", t("by", { name: one.by, at: when(one.at) })),
      h("label", { for: id, text: t("should_be") }),
      intent,
      h("div", { class: "acts" }, accept, dismiss, h("a", { class: "btn quiet", href: `/desk#${one.conversation}`, text: t("talk") })),
      problem,
    );
  }

  /** Takes a row away; the next one has the focus then. */
  #gone(one) {
    this.decided.add(one.id);
    const at = this.rows.findIndex((row) => row.id === one.id);
    if (at < 0) return;
    this.rows.splice(at, 1);
    this.#draw();
    if (!this.rows.length) setText(this.state, t("no_suggestions"));
    (this.list.children[at] ?? this.list.lastElementChild ?? this.node.querySelector("h2")).focus();
  }
}
