// The list on the left: what this agent is asked to take, who waits, whom the agent has. Rows are patched, never redrawn.

import { h, keyed, setAttr, setText } from "../lib/dom.js";
import { t } from "../lib/i18n.js";
import { clockOf } from "./clock.js";
import { priorityText, waited, words } from "./texts.js";

export class Queue {
  /**
   * @param {import("./model.js").Model} model
   * @param {object} wants
   * @param {(id: string) => void} wants.open
   * @param {(id: string, accept: boolean) => void} wants.answer an offer
   * @param {() => void} wants.picked the selection of rows has changed
   * @param {(row: any) => boolean} wants.fits whether a row passes the filter
   */
  constructor(model, wants) {
    this.model = model;
    this.wants = wants;
    this.selected = null;
    /** Rows that are ticked for a bulk act. */
    this.ticked = new Set();
    this.offers = h("section", { class: "offers", "aria-label": t("offers"), hidden: true }, h("h2", { text: t("offers") }), h("ul", { class: "list" }));
    this.waiting = this.#section("waiting", "nobody_waits");
    this.asleep = this.#section("asleep", "nobody_waits");
    this.mine = this.#section("mine", "none_mine");
    this.node = h("nav", { class: "queue", "aria-label": t("desk") }, this.offers, this.waiting.node, this.mine.node, this.asleep.node);
    setInterval(() => this.tick(), 1000);
  }

  #section(title, empty) {
    const count = h("span", { class: "num count" });
    const list = h("ul", { class: "list" });
    const none = h("p", { class: "empty", text: t(empty) });
    const node = h("section", { class: title, "aria-label": t(title) }, h("h2", {}, t(title), " ", count), list, none);
    return { node, list, none, count };
  }

  /** Draws with the next frame: many changes in one moment are one draw. */
  draw() {
    if (this.drawing) return;
    this.drawing = true;
    requestAnimationFrame(() => {
      this.drawing = false;
      this.#draw();
    });
  }

  #draw() {
    const now = this.model.now();
    const sleeps = (row) => row.snoozed_until && Date.parse(row.snoozed_until) > now;
    const fits = this.model.waiting.filter(this.wants.fits);
    const asleep = fits.filter(sleeps);
    this.#fill(this.waiting, fits.filter((row) => !sleeps(row)));
    this.#fill(this.mine, this.model.mine);
    this.#fill(this.asleep, asleep);
    this.asleep.node.hidden = asleep.length === 0;
    const offers = this.model.offers;
    this.offers.hidden = offers.length === 0;
    keyed(this.offers.querySelector("ul"), offers, (row) => row.conversation, (row) => this.#offer(row), (node, row) => (node.until = row.offered.until));
    for (const id of this.ticked) if (![...this.model.waiting, ...this.model.mine].some((row) => row.conversation === id)) this.ticked.delete(id);
    this.tick();
  }

  #fill(section, rows) {
    keyed(section.list, rows, (row) => row.conversation, (row) => this.#create(row), (node, row) => this.#update(node, row));
    section.none.hidden = rows.length > 0;
    setText(section.count, String(rows.length));
  }

  #offer(row) {
    const answer = (accept) => () => this.wants.answer(row.conversation, accept);
    return h(
      "li",
      { class: "offer" },
      h("span", {}, h("b", { dir: "auto", text: row.customer || t("guest") }), ` · ${words(row.reason)} · ${words(row.skill)}`),
      h("span", { class: "plain preview", dir: "auto", text: row.preview }),
      h("span", { class: "acts" }, h("button", { type: "button", class: "btn primary", text: t("accept"), on: { click: answer(true) } }), h("button", { type: "button", class: "btn", text: t("decline"), on: { click: answer(false) } }), h("span", { class: "hint num left" })),
    );
  }

  #create(row) {
    const tick = h("input", { type: "checkbox", class: "tick", "aria-label": t("tick", { name: row.customer || t("guest") }), on: { change: () => this.tickRow(row.conversation, tick.checked) } });
    const button = h(
      "button",
      { type: "button", class: "item", on: { click: () => this.wants.open(row.conversation) } },
      h("span", { class: "first" }, h("b", { class: "name", dir: "auto" }), h("span", { class: "tag lang" }), h("span", { class: "tag priority" }), h("span", { class: "unread tag accent num" })),
      h("span", { class: "about" }),
      h("span", { class: "preview plain", dir: "auto" }),
      h("span", { class: "times num" }, h("span", { class: "wait" }), h("span", { class: "tag due" })),
    );
    return h("li", { class: "line-row" }, tick, button);
  }

  #update(node, row) {
    const talk = this.model.talk(row.conversation);
    const state = JSON.stringify(row) + talk.unread + (row.conversation === this.selected) + this.ticked.has(row.conversation) + talk.events.length;
    if (node.state === state) return;
    node.state = state;
    const part = (name) => node.querySelector(name);
    node.since = row.waiting_since;
    node.due = row.due ?? row.clock?.due;
    node.until = row.snoozed_until;
    setText(part(".name"), row.customer || t("guest"));
    const waits = row.waiting_since !== undefined;
    part(".priority").hidden = !waits;
    if (waits) {
      setText(part(".priority"), priorityText(row.priority));
      part(".priority").className = `tag priority ${row.priority === 0 ? "bad" : row.priority === 1 ? "warn" : ""}`;
    }
    part(".lang").hidden = !row.language || row.language === "en";
    setText(part(".lang"), row.language ?? "");
    const asked = row.offered && !row.offered.mine ? t("asked_now", { name: row.offered.agent ?? t("by_agent") }) : null;
    setText(part(".about"), [waits ? words(row.reason) : null, row.intent && words(row.intent), row.skill && words(row.skill), asked].filter(Boolean).join(" · "));
    setText(part(".preview"), row.preview ?? talk.events.findLast((event) => event.kind === "message")?.data.text ?? "");
    part(".unread").hidden = !talk.unread;
    setText(part(".unread"), String(talk.unread));
    part(".tick").checked = this.ticked.has(row.conversation);
    setAttr(part(".item"), "aria-current", row.conversation === this.selected ? "true" : null);
  }

  /** Moves the times on: text nodes only. */
  tick() {
    const now = this.model.now();
    for (const section of [this.waiting, this.mine, this.asleep]) {
      for (const row of section.list.children) {
        const wait = row.querySelector(".wait");
        if (section === this.asleep) setText(wait, t("asleep_for", { time: waited((Date.parse(row.until) - now) / 1000) }));
        else setText(wait, row.since ? t("wait", { time: waited((now - Date.parse(row.since)) / 1000) }) : "");
        const clock = section === this.asleep ? null : clockOf(now, row.due, row.since);
        const tag = row.querySelector(".due");
        if (tag.hidden !== !clock) tag.hidden = !clock;
        if (clock) {
          setText(tag, clock.text);
          setAttr(tag, "class", `tag due ${clock.tint}`);
        }
      }
    }
    for (const offer of this.offers.querySelectorAll("li")) {
      const left = Math.max(0, Math.ceil((Date.parse(offer.until) - now) / 1000));
      setText(offer.querySelector(".left"), t("seconds_left", { n: left }));
      if (!left) this.draw();
    }
  }

  /** Ticks or unticks a row, the selected one without a name. */
  tickRow(id = this.selected, on = !this.ticked.has(id)) {
    if (!id) return;
    if (on) this.ticked.add(id);
    else this.ticked.delete(id);
    this.draw();
    this.wants.picked();
  }

  select(id) {
    this.selected = id;
    this.draw();
  }

  /** Moves the selection up or down through the lists. */
  move(step) {
    const all = [...this.model.waiting.filter(this.wants.fits), ...this.model.mine].map((row) => row.conversation);
    if (!all.length) return;
    const at = all.indexOf(this.selected);
    const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + step, 0), all.length - 1);
    this.wants.open(all[next]);
    this.#draw();
    const row = this.node.querySelector('[aria-current="true"]');
    row?.scrollIntoView({ block: "nearest" });
    row?.focus({ preventScroll: true });
  }
}
