// The list on the left: what this agent is asked to take, whom they have, who waits, what sleeps. Rows are patched, never redrawn.

import { h, keyed, setText } from "../lib/dom.js";
import { t } from "../lib/i18n.js";
import { createLine, runLine, updateLine } from "./line.js";
import { words } from "./texts.js";

export class Queue {
  /**
   * @param {import("./model.js").Model} model
   * @param {object} wants
   * @param {(id: string) => void} wants.open
   * @param {(id: string, accept: boolean) => void} wants.answer an offer
   * @param {() => void} wants.picked the selection of rows has changed
   * @param {(row: any) => boolean} wants.fits whether a row passes the filter
   * @param {(list: "mine"|"waiting"|"asleep") => boolean} wants.shows whether a list is looked at
   */
  constructor(model, wants) {
    this.model = model;
    this.wants = wants;
    this.selected = null;
    /** Rows that are ticked for a bulk act. */
    this.ticked = new Set();
    this.offerList = h("ul", { class: "list" });
    this.offers = h("section", { class: "offers", "aria-label": t("asked_of_you"), hidden: true }, h("h2", { text: t("asked_of_you") }), this.offerList);
    this.mine = this.#section("mine", "none_mine");
    this.waiting = this.#section("waiting", "nobody_waits");
    this.asleep = this.#section("asleep", "nobody_waits");
    this.node = h("nav", { class: "queue", "aria-label": t("desk") }, this.offers, this.mine.node, this.waiting.node, this.asleep.node);
    setInterval(() => this.tick(), 1000);
  }

  #section(name, empty) {
    const count = h("span", { class: "num count" });
    const list = h("ul", { class: "list" });
    const none = h("p", { class: "empty", text: t(empty) });
    const node = h("section", { class: name, "aria-label": t(name) }, h("h2", {}, t(name), " ", count), list, none);
    return { name, node, list, none, count };
  }

  /** Draws with the next frame: many changes in one moment are one draw. */
  draw() {
    if (this.drawing) return;
    this.drawing = true;
    requestAnimationFrame(() => {
      this.drawing = false;
      const held = this.node.contains(document.activeElement) && document.activeElement.closest(".line-row");
      const place = held ? this.#rows().indexOf(held) : -1;
      this.#draw();
      if (held && !held.isConnected) this.focusRow(held.dataset.id, place);
    });
  }

  /** The rows that can be seen, in order. */
  #rows() {
    return [...this.node.querySelectorAll(".line-row")].filter((row) => row.checkVisibility());
  }

  /** The focus goes to the row of a conversation, wherever it stands now, else to the one at that place. */
  focusRow(id, place = 0) {
    const rows = this.#rows();
    const row = rows.find((row) => row.dataset.id === id) ?? rows[Math.min(Math.max(place, 0), rows.length - 1)];
    (row?.querySelector(".item") ?? this.node.querySelector("button, input"))?.focus({ preventScroll: true });
  }

  /** The rows of each list, by what they are. */
  #lists() {
    const now = this.model.now();
    const sleeps = (row) => row.snoozed_until && Date.parse(row.snoozed_until) > now;
    const fits = this.model.waiting.filter(this.wants.fits);
    return { mine: this.model.mine, waiting: fits.filter((row) => !sleeps(row)), asleep: fits.filter(sleeps) };
  }

  #draw() {
    const lists = this.#lists();
    for (const section of [this.mine, this.waiting, this.asleep]) this.#fill(section, lists[section.name]);
    if (!lists.asleep.length) this.asleep.node.hidden = true;
    const { offers } = this.model;
    this.offers.hidden = offers.length === 0;
    keyed(this.offerList, offers, (row) => row.conversation, (row) => this.#offer(row), (node, row) => (node.until = row.offered.until));
    this.#untick();
    this.tick();
    if (this.reveal) this.#reveal();
  }

  /** Scrolls to the row that was selected, once it is there. */
  #reveal() {
    const row = this.node.querySelector('.line-row [aria-current="true"]');
    if (!row) return;
    this.reveal = false;
    row.scrollIntoView({ block: "nearest" });
  }

  #fill(section, rows) {
    section.node.hidden = !this.wants.shows(section.name);
    if (section.node.hidden) return;
    const tick = (id, on) => this.tickRow(id, on);
    keyed(
      section.list,
      rows,
      (row) => row.conversation,
      (row) => createLine(row, { open: this.wants.open, tick }),
      (node, row) => updateLine(node, row, this.model, row.conversation === this.selected, this.ticked.has(row.conversation)),
    );
    section.none.hidden = rows.length > 0;
    setText(section.count, String(rows.length));
  }

  /** What is neither waiting nor one's own any more cannot be ticked. */
  #untick() {
    if (!this.ticked.size) return;
    const here = new Set([...this.model.waiting, ...this.model.mine].map((row) => row.conversation));
    const gone = [...this.ticked].filter((id) => !here.has(id));
    for (const id of gone) this.ticked.delete(id);
    if (gone.length) this.wants.picked();
  }

  #offer(row) {
    const name = row.customer || t("guest");
    const button = (text, accept, look) => h("button", { type: "button", class: `btn ${look}`, text: t(text), "aria-label": `${t(text)}: ${name}`, on: { click: () => this.wants.answer(row.conversation, accept) } });
    return h(
      "li",
      { class: "offer" },
      h("b", { dir: "auto", text: name }),
      h("span", { text: [...new Set([row.reason, row.skill].filter(Boolean).map(words))].join(" · ") }),
      row.preview && h("span", { class: "plain preview", dir: "auto", text: row.preview }),
      h("span", { class: "acts" }, button("accept", true, "primary"), button("decline", false, ""), h("span", { class: "num left" })),
    );
  }

  /** Moves the times on. */
  tick() {
    const now = this.model.now();
    for (const section of [this.mine, this.waiting, this.asleep]) if (!section.node.hidden) for (const node of section.list.children) runLine(node, now);
    for (const offer of this.offerList.children) {
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
    this.reveal = Boolean(id);
    this.draw();
  }

  /** Moves the selection up or down through the lists. */
  move(step) {
    const lists = this.#lists();
    const all = Object.keys(lists).filter(this.wants.shows).flatMap((name) => lists[name].map((row) => row.conversation));
    if (!all.length) return;
    const at = all.indexOf(this.selected);
    const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + step, 0), all.length - 1);
    this.wants.open(all[next]);
    this.#draw();
    this.node.querySelector('.line-row [aria-current="true"]')?.focus({ preventScroll: true });
  }
}
