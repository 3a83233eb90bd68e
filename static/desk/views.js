// Which conversations are looked at: filters in the address, saved views, and full-text search over everything that was said.

import { h, setAttr, setText } from "../lib/dom.js";
import { dayText, t } from "../lib/i18n.js";
import { QUEUES, words } from "./texts.js";

const SAVED = "desk.views";
const VIEWS = ["waiting", "mine", "people", "bot", "closed", "all"];
const LATER_MS = 250;

/** The filter in the address: `#view=waiting&queue=fraud&lang=sv&q=…&open=ID`. */
export function readAddress() {
  const hash = location.hash.slice(1);
  // A bare name is a conversation, as other systems link to it.
  const given = new URLSearchParams(hash.includes("=") ? hash : hash && hash !== "demo" ? { open: hash } : "");
  const view = VIEWS.includes(given.get("view")) ? given.get("view") : "waiting";
  return { view, queue: given.get("queue") ?? "", lang: given.get("lang") ?? "", q: given.get("q") ?? "", open: given.get("open") };
}

export class Views {
  /** @param {{open: (id: string) => void, changed: () => void, told: (error: any) => void}} wants */
  constructor(wants) {
    this.wants = wants;
    this.filter = readAddress();
    const choice = (name, options) => h("select", { class: "field small", "aria-label": t(`by_${name}_filter`), on: { change: (event) => this.set({ [name]: event.target.value }) } }, ...options.map(([value, text]) => h("option", { value, text })));
    this.view = choice("view", VIEWS.map((view) => [view, t(`view_${view}`)]));
    this.queue = choice("queue", [["", t("any_queue")], ...QUEUES.map((queue) => [queue, words(queue)])]);
    this.lang = choice("lang", [["", t("any_language")], ...["en", "sv", "de"].map((lang) => [lang, lang])]);
    this.field = h("input", { class: "field small", type: "search", "aria-label": t("search"), placeholder: t("search"), on: { input: () => this.#typed(), keydown: (event) => event.key === "Enter" && this.#load() } });
    this.saved = h("select", { class: "field small", "aria-label": t("saved_views"), on: { change: () => this.#useSaved() } });
    const keep = h("button", { type: "button", class: "btn quiet", text: t("save_view"), on: { click: () => this.#save() } });
    this.list = h("ul", { class: "list", "aria-label": t("search") });
    this.count = h("p", { class: "empty", role: "status" });
    this.more = h("button", { type: "button", class: "btn", text: t("more"), hidden: true, on: { click: () => this.#load(this.next) } });
    this.found = h("section", { class: "found", "aria-label": t("conversations"), hidden: true }, this.count, this.list, this.more);
    this.node = h("div", { class: "views-bar" }, this.field, h("div", { class: "pair" }, this.view, this.queue), h("div", { class: "pair" }, this.lang, this.saved), keep);
    this.#drawSaved();
    this.#show();
  }

  /** Whether a waiting row passes the filter. */
  fits = (row) => (!this.filter.queue || row.skill === this.filter.queue) && (!this.filter.lang || row.language === this.filter.lang);

  set(change) {
    Object.assign(this.filter, change);
    this.#write();
    this.#show();
    this.wants.changed();
  }

  /** The conversation that is open is in the address, too. */
  opened(id) {
    this.filter.open = id;
    this.#write();
  }

  #write() {
    const given = Object.entries(this.filter).filter(([name, value]) => value && !(name === "view" && value === "waiting"));
    const hash = new URLSearchParams(given).toString();
    history.replaceState(null, "", hash ? `#${hash}` : location.pathname);
  }

  /** The lists of the socket show what waits and what is one's own; everything else is asked for. */
  #show() {
    const { view, queue, lang, q } = this.filter;
    for (const [node, value] of [[this.view, view], [this.queue, queue], [this.lang, lang]]) if (node.value !== value) node.value = value;
    if (this.field.value !== q) this.field.value = q;
    const asks = Boolean(q) || !["waiting", "mine"].includes(view);
    this.found.hidden = !asks;
    if (asks) this.#load();
    return asks;
  }

  get asks() {
    return !this.found.hidden;
  }

  #typed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.set({ q: this.field.value.trim() }), LATER_MS);
  }

  async #load(before) {
    const { view, queue, q } = this.filter;
    const asked = (this.asked = {});
    const query = new URLSearchParams({ view: q && view === "waiting" ? "all" : view });
    for (const [name, value] of [["queue", queue], ["q", q], ["before", before]]) if (value) query.set(name, value);
    try {
      const answer = await fetch(`/api/desk/conversations?${query}`);
      const told = await answer.json();
      if (this.asked !== asked) return;
      if (!answer.ok) return this.wants.told({ message: told.detail });
      this.next = told.next;
      const rows = told.rows.map((row) => h("li", {}, this.#row(row)));
      if (before) this.list.append(...rows);
      else this.list.replaceChildren(...rows);
      setText(this.count, t("found", { n: this.list.children.length }));
      this.more.hidden = !told.next;
    } catch {
      this.wants.told(null);
    }
  }

  #row(row) {
    const about = [t(`owner_${row.owner === "agent" ? "agent" : row.owner}`, { name: row.agent ?? t("by_agent") }), row.intent && words(row.intent), row.queue && words(row.queue)];
    return h(
      "button",
      { type: "button", class: "item", on: { click: () => this.wants.open(row.conversation) } },
      h("span", { class: "first" }, h("b", { class: "name", dir: "auto", text: row.customer ?? row.customer_id ?? t("guest") }), h("span", { class: "hint num", text: dayText(row.updated_at) })),
      h("span", { class: "about", text: about.filter(Boolean).join(" · ") }),
      h("span", { class: "preview plain", dir: "auto" }, ...marked(row.snippet)),
    );
  }

  focus() {
    this.field.focus();
    this.field.select();
  }

  #views() {
    return JSON.parse(localStorage.getItem(SAVED) ?? "[]");
  }

  #drawSaved() {
    this.saved.replaceChildren(h("option", { value: "", text: t("saved_views") }), ...this.#views().map((view) => h("option", { value: view.hash, text: view.name })));
  }

  #useSaved() {
    if (!this.saved.value) return;
    location.hash = this.saved.value;
    this.filter = { ...readAddress(), open: this.filter.open };
    this.saved.value = "";
    this.#write();
    this.#show();
    this.wants.changed();
  }

  /** A view is named after what it shows. */
  #save() {
    const { view, queue, lang, q } = this.filter;
    const name = [t(`view_${view}`), queue && words(queue), lang, q && `“${q}”`].filter(Boolean).join(", ");
    const hash = new URLSearchParams(Object.entries({ view, queue, lang, q }).filter(([, value]) => value)).toString();
    const others = this.#views().filter((one) => one.hash !== hash);
    localStorage.setItem(SAVED, JSON.stringify([...others, { name, hash }].slice(-20)));
    this.#drawSaved();
    setAttr(this.saved, "data-count", others.length + 1);
  }
}

/** Hits stand between U+0001 and U+0002. */
function marked(text) {
  return String(text ?? "")
    .split(/[\u0001\u0002]/)
    .map((part, at) => (at % 2 ? h("mark", { text: part }) : part));
}
