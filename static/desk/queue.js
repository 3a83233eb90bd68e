// The list on the left: who waits, in the order to be taken, and whom this agent has. Rows are patched, never redrawn.

import { h, keyed, setAttr, setText } from "../lib/dom.js";
import { t } from "../lib/i18n.js";
import { priorityText, waited, words } from "./texts.js";

export class Queue {
  /** @param {import("./model.js").Model} model @param {(id: string) => void} open */
  constructor(model, open) {
    this.model = model;
    this.open = open;
    this.selected = null;
    this.waiting = this.#section("waiting", "nobody_waits");
    this.mine = this.#section("mine", "none_mine");
    this.node = h("nav", { class: "queue", "aria-label": t("desk") }, this.waiting.node, this.mine.node);
    setInterval(() => this.tick(), 1000);
  }

  #section(title, empty) {
    const count = h("span", { class: "num count" });
    const list = h("ul", { class: "list" });
    const none = h("p", { class: "empty", text: t(empty) });
    const node = h("section", { class: title, "aria-label": t(title) }, h("h2", {}, t(title), " ", count), list, none);
    return { node, list, none, count };
  }

  draw() {
    this.#fill(this.waiting, this.model.waiting);
    this.#fill(this.mine, this.model.mine);
    this.tick();
  }

  #fill(section, rows) {
    keyed(section.list, rows, (row) => row.conversation, (row) => this.#create(row), (node, row) => this.#update(node, row));
    section.none.hidden = rows.length > 0;
    setText(section.count, String(rows.length));
  }

  #create(row) {
    const button = h(
      "button",
      { type: "button", class: "item", on: { click: () => this.open(row.conversation) } },
      h("span", { class: "first" }, h("b", { class: "name", dir: "auto" }), h("span", { class: "tag priority" }), h("span", { class: "unread tag accent num" })),
      h("span", { class: "about" }),
      h("span", { class: "preview plain", dir: "auto" }),
      h("span", { class: "times num" }, h("span", { class: "wait" }), h("span", { class: "tag bad due", text: t("late") })),
    );
    return h("li", {}, button);
  }

  #update(node, row) {
    const part = (name) => node.querySelector(name);
    const talk = this.model.talk(row.conversation);
    node.since = row.waiting_since;
    node.due = row.due;
    setText(part(".name"), row.customer || t("guest"));
    const waits = row.waiting_since !== undefined;
    part(".priority").hidden = part(".times").hidden = !waits;
    if (waits) {
      setText(part(".priority"), priorityText(row.priority));
      part(".priority").className = `tag priority ${row.priority === 0 ? "bad" : row.priority === 1 ? "warn" : ""}`;
    }
    setText(part(".about"), [waits ? words(row.reason) : null, row.intent && words(row.intent), waits ? words(row.skill) : null].filter(Boolean).join(" · "));
    setText(part(".preview"), row.preview ?? talk.events.findLast((event) => event.kind === "message")?.data.text ?? "");
    part(".unread").hidden = !talk.unread;
    setText(part(".unread"), String(talk.unread));
    setAttr(part(".item"), "aria-current", row.conversation === this.selected ? "true" : null);
  }

  /** Moves the waiting times on: text nodes only. */
  tick() {
    const now = this.model.now();
    for (const row of this.waiting.list.children) {
      setText(row.querySelector(".wait"), t("wait", { time: waited((now - Date.parse(row.since)) / 1000) }));
      const late = Boolean(row.due) && Date.parse(row.due) < now;
      if (row.querySelector(".due").hidden === late) row.querySelector(".due").hidden = !late;
    }
  }

  select(id) {
    this.selected = id;
    this.draw();
  }

  /** Moves the selection up or down through both lists. */
  move(step) {
    const ids = [...this.model.waiting, ...this.model.mine].map((row) => row.conversation);
    if (!ids.length) return;
    const at = ids.indexOf(this.selected);
    const next = at < 0 ? (step > 0 ? 0 : ids.length - 1) : Math.min(Math.max(at + step, 0), ids.length - 1);
    this.open(ids[next]);
    const row = this.node.querySelector('[aria-current="true"]');
    row?.scrollIntoView({ block: "nearest" });
    row?.focus({ preventScroll: true });
  }
}
