// The floor, for those who lead: who is there and what they have, what is late, and handing out by drag or by keyboard.

import { h, keyed, setAttr, setText } from "../lib/dom.js";
import { t } from "../lib/i18n.js";
import { clockOf, clockTag, runClock } from "./clock.js";
import { priorityText, waited, words } from "./texts.js";

/** What is dragged is a conversation of this desk, nothing else that a browser lets people drag. */
const DRAGGED = "application/x-redress-conversation";

/** Teams that customers wait for and nobody at the desk, on duty or not, works in. */
const unstaffed = (waiting, people) => [...new Set(waiting.map((row) => row.skill))].filter((team) => !people.some(({ skills }) => !skills.length || skills.includes(team)));

export class Floor {
  /**
   * @param {import("./model.js").Model} model
   * @param {{open: (id: string) => void, assign: (ids: string[]) => void, give: (id: string, to: string) => void}} wants
   */
  constructor(model, wants) {
    this.model = model;
    this.wants = wants;
    this.figures = ["waiting", "taken", "duty", "late"].map(() => h("li", {}));
    this.unstaffed = h("p", { class: "unstaffed", role: "status", hidden: true });
    this.people = h("ul", { class: "people" });
    this.waiting = h("ul", { class: "list" });
    this.none = h("p", { class: "empty", text: t("nobody_waits") });
    this.node = h(
      "main",
      { class: "floor", hidden: true, "aria-label": t("floor") },
      h("ul", { class: "figures num" }, ...this.figures),
      this.unstaffed,
      h("div", { class: "floor-columns" }, h("section", { "aria-label": t("people") }, h("h2", { text: t("people") }), this.people), h("section", { "aria-label": t("by_age") }, h("h2", { text: t("by_age") }), this.waiting, this.none)),
    );
    setInterval(() => !this.node.hidden && this.draw(), 1000);
  }

  draw() {
    if (this.node.hidden) return;
    const { model } = this;
    const now = model.now();
    const late = model.waiting.filter((row) => Date.parse(row.due) < now).length + model.taken.filter((row) => row.clock?.state === "breached").length;
    for (const [at, [name, n]] of Object.entries({ waiting: model.waiting.length, taken: model.taken.length, duty: model.onDuty, late }).entries()) setText(this.figures[at], t(`figure_${name}`, { n }));
    setAttr(this.figures[3], "class", late ? "late" : null);
    const teams = unstaffed(model.waiting, model.floor);
    this.unstaffed.hidden = !teams.length;
    setText(this.unstaffed, teams.length ? t("nobody_in", { teams: teams.map(words).join(", ") }) : "");
    keyed(this.people, model.floor, (one) => one.id, (one) => this.#person(one), (node, one) => this.#update(node, one));
    const byAge = [...model.waiting].sort((a, b) => Date.parse(a.waiting_since) - Date.parse(b.waiting_since));
    keyed(this.waiting, byAge, (row) => row.conversation, (row) => this.#place(row), (node, row) => this.#age(node, row, now));
    this.none.hidden = byAge.length > 0;
  }

  #person(one) {
    const node = h("li", { class: "one" }, h("p", { class: "first" }, h("b", { class: "name" }), h("span", { class: "tag state" }), h("span", { class: "hint num load" })), h("p", { class: "hint skills" }), h("ul", { class: "has" }));
    const fits = (event) => event.dataTransfer.types.includes(DRAGGED);
    node.addEventListener("dragover", (event) => {
      if (!fits(event)) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "move";
      node.classList.add("over");
    });
    node.addEventListener("dragleave", () => node.classList.remove("over"));
    node.addEventListener("drop", (event) => {
      node.classList.remove("over");
      if (!fits(event)) return;
      event.preventDefault();
      const id = event.dataTransfer.getData(DRAGGED);
      // Put down where it was taken up: nothing is moved.
      if (!this.model.taken.some((row) => row.conversation === id && row.agent === one.id)) this.wants.give(id, one.id);
    });
    return node;
  }

  #update(node, one) {
    const part = (name) => node.querySelector(name);
    setText(part(".name"), one.name);
    setText(part(".state"), words(one.state));
    setAttr(part(".state"), "class", `tag state ${{ available: "ok", away: "warn" }[one.state] ?? ""}`);
    setText(part(".load"), t("load", { n: one.load, of: one.capacity }));
    setText(part(".skills"), [one.skills.length ? one.skills.map(words).join(", ") : t("all_queues"), one.languages.length ? one.languages.join(" ") : t("all_languages")].join(" · "));
    const has = this.model.taken.filter((row) => row.agent === one.id);
    keyed(part(".has"), has, (row) => row.conversation, (row) => this.#place(row), (item, row) => this.#age(item, row, this.model.now()));
  }

  #place(row) {
    const id = row.conversation;
    const node = h(
      "li",
      { class: "place", draggable: "true", "data-id": id },
      h("button", { type: "button", class: "btn quiet open", on: { click: () => this.wants.open(id) } }, h("b", { dir: "auto", text: row.customer || t("guest") }), h("span", { class: "hint about" }), clockTag()),
      h("button", { type: "button", class: "btn", text: t("assign"), "aria-label": t("assign_one", { name: row.customer || t("guest") }), on: { click: () => this.wants.assign([id]) } }),
    );
    node.addEventListener("dragstart", (event) => {
      event.dataTransfer.setData(DRAGGED, id);
      event.dataTransfer.effectAllowed = "move";
    });
    return node;
  }

  #age(node, row, now) {
    const waits = row.waiting_since && t("wait", { time: waited((now - Date.parse(row.waiting_since)) / 1000) });
    setText(node.querySelector(".about"), [priorityText(row.priority), row.skill && words(row.skill), waits].filter(Boolean).join(" · "));
    runClock(node.querySelector(".due"), clockOf(now, row.due ?? row.clock?.due, row.waiting_since, row.clock?.state));
  }
}
