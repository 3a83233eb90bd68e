// What can be done to all ticked rows at once.

import { h, setText } from "../lib/dom.js";
import { t } from "../lib/i18n.js";

export class Bulk {
  /**
   * @param {import("./queue.js").Queue} queue
   * @param {Record<string, (ids: string[]) => Promise<string[]|null>>} acts by the name of their button; they answer with what was done, or null
   */
  constructor(queue, acts) {
    this.queue = queue;
    this.count = h("span", { class: "hint num", role: "status" });
    const buttons = Object.entries({ ...acts, tick_none: async (ids) => ids }).map(([name, act]) => h("button", { type: "button", class: "btn", "data-act": name, text: t(name), on: { click: () => this.#do(act) } }));
    this.node = h("div", { class: "bulk", role: "group", "aria-label": t("bulk"), hidden: true }, this.count, ...buttons);
  }

  draw(leads) {
    const { size } = this.queue.ticked;
    const held = this.node.contains(document.activeElement);
    this.node.hidden = size === 0;
    if (held && this.node.hidden) this.queue.focusRow();
    this.node.querySelector("[data-act=assign]").hidden = !leads;
    setText(this.count, t("ticked", { n: size }));
  }

  /** Does it to all; what was refused stays ticked. */
  async #do(act) {
    const done = (await act([...this.queue.ticked])) ?? [];
    for (const id of done) this.queue.tickRow(id, false);
  }
}
