// Which conversations are looked at: filters in the address, saved views, and full-text search over everything that was said.

import { h, icon, setAttr, setText } from "../lib/dom.js";
import { dayText, t } from "../lib/i18n.js";
import { askForm } from "./dialogs.js";
import { QUEUES, words } from "./texts.js";

const SAVED = "desk.views";
const VIEWS = ["waiting", "mine", "people", "bot", "closed", "all"];
const LATER_MS = 250;

/** The filter in the address: `#view=waiting&queue=fraud&lang=sv&q=…&open=ID`. */
function readAddress(hash = location.hash.slice(1)) {
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
    this.field = h("input", { class: "field small", type: "search", "aria-label": t("search"), placeholder: t("search"), on: { input: () => this.#typed(), keydown: (event) => this.#key(event) } });
    this.saved = h("select", { class: "field small", "aria-label": t("saved_views"), on: { change: () => this.#useSaved() } });
    this.keep = h("button", { type: "button", class: "btn icon-only keep", on: { click: () => (this.#known() ? this.#forget() : this.#save()) } }, icon("star"));
    this.list = h("ul", { class: "list" });
    this.count = h("p", { class: "empty", role: "status" });
    this.more = h("button", { type: "button", class: "btn", text: t("more"), hidden: true, on: { click: () => this.#load(this.next) } });
    this.found = h("section", { class: "found", "aria-label": t("conversations"), hidden: true }, this.count, this.list, this.more);
    this.node = h("div", { class: "views-bar" }, this.field, h("div", { class: "pair" }, this.view, this.queue), h("div", { class: "pair" }, this.lang, h("div", { class: "with-keep" }, this.saved, this.keep)));
    this.#drawSaved();
    this.#show();
    addEventListener("hashchange", () => this.#arrive());
  }

  /** Somebody followed a link, or wrote another address. */
  #arrive() {
    this.filter = readAddress();
    this.#show();
    this.wants.changed();
    if (this.filter.open) this.wants.open(this.filter.open);
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
    this.#mark();
  }

  /** Which of the rows found is open. */
  #mark() {
    for (const { firstElementChild: row } of this.list.children) setAttr(row, "aria-current", row.dataset.id === this.filter.open ? "true" : null);
  }

  /** Moves through the rows found, and opens. */
  move(step) {
    const rows = [...this.list.querySelectorAll(".item")];
    if (!rows.length) return;
    const at = rows.findIndex((row) => row.dataset.id === this.filter.open);
    const next = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + step, 0), rows.length - 1)];
    this.wants.open(next.dataset.id);
    next.scrollIntoView({ block: "nearest" });
    next.focus({ preventScroll: true });
  }

  /** Enter searches at once, an arrow goes into what was found, Escape leaves. */
  #key(event) {
    if (event.key === "Enter") {
      clearTimeout(this.timer);
      this.set({ q: this.field.value.trim() });
    } else if (event.key === "ArrowDown" && this.asks) {
      event.preventDefault();
      this.list.querySelector(".item")?.focus();
    } else if (event.key === "Escape" && !this.field.value) this.field.blur();
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
    this.lang.hidden = asks; // the server does not ask for it
    this.#drawKeep();
    if (asks) this.#load();
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
      if (before) rows[0]?.firstElementChild.focus();
      setText(this.count, t("found", { n: `${this.list.children.length}${told.next ? "+" : ""}` }));
      this.#mark();
      this.more.hidden = !told.next;
    } catch {
      this.wants.told(null);
    }
  }

  #row(row) {
    const about = [t(`owner_${row.owner}`, { name: row.agent ?? t("by_agent") }), row.intent && words(row.intent), row.queue && words(row.queue)];
    return h(
      "button",
      { type: "button", class: "item", "data-id": row.conversation, on: { click: () => this.wants.open(row.conversation) } },
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
    this.saved.replaceChildren(h("option", { value: "", text: t("views") }), ...this.#views().map((view) => h("option", { value: view.hash, text: view.name })));
  }

  #useSaved() {
    if (!this.saved.value) return;
    this.filter = { ...readAddress(this.saved.value), open: this.filter.open };
    this.saved.value = "";
    this.#write();
    this.#show();
    this.wants.changed();
  }

  /** The filter as a saved view keeps it. */
  #hash() {
    const { view, queue, lang, q } = this.filter;
    return new URLSearchParams(Object.entries({ view, queue, lang, q }).filter(([, value]) => value)).toString();
  }

  #known() {
    const hash = this.#hash();
    return this.#views().some((one) => one.hash === hash);
  }

  #drawKeep() {
    const known = this.#known();
    setAttr(this.keep, "aria-label", t(known ? "forget_view" : "save_view"));
    setAttr(this.keep, "title", t(known ? "forget_view" : "save_view"));
    this.keep.classList.toggle("known", known);
  }

  #store(views) {
    localStorage.setItem(SAVED, JSON.stringify(views.slice(-20)));
    this.#drawSaved();
    this.#drawKeep();
  }

  /** Asks for a name; one after what is shown stands there. */
  async #save() {
    const { view, queue, lang, q } = this.filter;
    const hash = this.#hash();
    const given = await askForm(t("save_view"), t("save_view"), (form) => [form.line("name", t("view_name"), [t(`view_${view}`), queue && words(queue), lang, q && `“${q}”`].filter(Boolean).join(", "))]);
    if (given?.name) this.#store([...this.#views(), { name: given.name, hash }]);
  }

  #forget() {
    const hash = this.#hash();
    this.#store(this.#views().filter((one) => one.hash !== hash));
  }
}

/** Hits stand between U+0001 and U+0002. */
function marked(text) {
  return String(text ?? "")
    .split(/[\u0001\u0002]/)
    .map((part, at) => (at % 2 ? h("mark", { text: part }) : part));
}
