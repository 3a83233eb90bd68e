// The day in numbers, each with the conversations behind it.

import { h, setText } from "../lib/dom.js";
import { t } from "../lib/i18n.js";
import { ask } from "./api.js";

const SHORT = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZone: "UTC" });

/** A count that opens what is behind it. */
function count(name, { n, conversations }, hint) {
  const head = [h("span", { class: "figure num", text: new Intl.NumberFormat("en").format(n) }), h("span", {}, name, hint && h("span", { class: "hint", text: ` ${hint}` }))];
  if (!conversations.length) return h("div", { class: "count" }, ...head);
  const links = conversations.map((id) => h("li", {}, h("a", { class: "place", href: `/desk#${id}`, text: id })));
  return h("details", { class: "count" }, h("summary", {}, ...head), h("div", {}, n > links.length && h("p", { class: "hint", text: t("latest", { n: links.length, all: n }) }), h("ul", { class: "talks" }, ...links)));
}

export class NumbersView {
  constructor() {
    this.about = h("p", { class: "hint", role: "status" });
    this.boxes = h("div", { class: "halves" });
    const again = h("button", { type: "button", class: "btn", text: t("refresh"), on: { click: () => this.open() } });
    this.node = h("div", { class: "view" }, h("h2", { class: "title", tabindex: "-1", text: t("numbers") }), h("div", { class: "acts" }, again, this.about), this.boxes);
  }

  async open() {
    try {
      this.#draw(await ask("/api/ops/numbers"));
    } catch (error) {
      setText(this.about, error.message);
    }
  }

  #draw({ since, now, bot_alone: alone, handed_over: over, waiting, model }) {
    setText(this.about, t("numbers_about", { since: SHORT.format(new Date(since)), now: SHORT.format(new Date(now)) }));
    const reasons = Object.entries(over).sort(([, a], [, b]) => b.n - a.n);
    const sum = reasons.reduce((all, [, { n }]) => all + n, 0);
    const box = (id, title, ...children) => h("section", { class: "box", "aria-labelledby": id }, h("h3", { id, text: title }), ...children);
    this.boxes.replaceChildren(
      box("over-title", `${t("handed_over")}: ${sum}`, ...(reasons.length ? reasons.map(([reason, its]) => count(reason.replaceAll("_", " "), its)) : [h("p", { class: "hint", text: t("nobody") })])),
      h(
        "div",
        { class: "stack" },
        box("alone-title", t("bot_alone"), count(t("bot_alone_hint"), alone)),
        box("waiting-title", t("waiting_now"), count("", waiting)),
        box("tokens-title", t("model_tokens"), model ? count(model.daily_tokens ? t("of_tokens", { n: model.daily_tokens }) : "", { n: model.tokens_today, conversations: [] }) : h("p", { class: "hint", text: t("no_model_here") })),
      ),
    );
  }
}
