// The chat window: draws a session and turns presses into frames. Knows nothing of sockets or storage.

import { focused, h, icon, keyed, reword, setAttr, setText } from "../lib/dom.js";
import { direction, t, textLocale } from "../lib/i18n.js";
import { plain } from "../lib/markdown.js";
import { announcer } from "./announce.js";
import { createComposer } from "./composer.js";
import { createRow, noteText, rowsOf, typingRow, updateRow } from "./rows.js";
import { SILENT } from "./session.js";
import { levelWanted, ratingWanted } from "./standing.js";
import { download, queueText, Waiting } from "./waiting.js";

const PHONE = "(max-width: 479px), (max-height: 479px)";

export class Panel {
  /**
   * @param {import("./session.js").Session} session
   * @param {{title?: string, context?: {order?: string}}} options
   * @param {{close: () => void, auth: (level: number) => void}} wants
   */
  constructor(session, options, wants) {
    this.session = session;
    this.options = options;
    this.wants = wants;
    this.skipped = 0;
    this.live = announcer();
    this.composer = createComposer({
      send: (text) => this.#send({ type: "message", text }),
      typing: (on) => session.typingNow(on),
      files: (files) => this.#files(files),
    });
    this.files = h("div", { class: "files" });
    const title = () => options.title ?? t("title");
    this.sub = h("div", { class: "sub" });
    this.mark = h("div", { class: "mark", "aria-hidden": "true" });
    this.banner = h("div", { class: "banner", hidden: true }, icon("offline"), h("span", {}));
    this.hello = h("p", { class: "hello" });
    this.starters = h("div", { class: "choices" });
    this.intro = h("div", { class: "intro" }, h("p", { class: "disclosure" }, icon("spark"), h("span", { text: () => t("disclosure") })), this.hello, this.starters);
    this.rows = h("div", { class: "rows" });
    this.tail = h("div", { class: "tail" });
    this.log = h("div", { class: "log", role: "log", "aria-live": "off", "aria-label": () => t("log"), tabindex: 0 }, this.intro, this.rows, this.tail);
    this.line = h("div", { class: "line", hidden: true }, icon("clock"), h("span", { class: "num" }));
    this.waiting = new Waiting(session, () => this.composer.focus());
    this.human = h("button", { type: "button", class: "btn quiet human", on: { click: () => this.#human() } }, icon("person"), h("span", { text: () => t("human") }));
    this.chat = h("div", { class: "tab-body", role: "tabpanel", id: "rd-chat", "aria-label": () => t("tab_chat") }, this.log, this.line, this.waiting.node, this.files, this.composer.form, h("div", { class: "foot" }, this.human, this.composer.counter));
    this.mine = h("div", { class: "tab-body", role: "tabpanel", id: "rd-mine", "aria-label": () => t("tab_mine"), tabindex: 0, hidden: true });
    this.tabs = [["tab_chat", "rd-chat"], ["tab_mine", "rd-mine"]].map(([key, panel], at) => h("button", { type: "button", class: "tab", role: "tab", "aria-controls": panel, "aria-selected": String(at === 0), tabindex: at === 0 ? 0 : -1, text: () => t(key), on: { click: () => this.#tab(at) } }));
    this.tabList = h("div", { class: "tabs", role: "tablist", "aria-label": title, hidden: true, on: { keydown: (event) => this.#tabKey(event) } }, ...this.tabs);
    this.node = h(
      "div",
      { class: "panel", role: "dialog", "aria-label": title, lang: textLocale, dir: () => direction(textLocale()), hidden: true, on: { keydown: (event) => this.#key(event) } },
      h("div", { class: "head" }, this.mark, h("div", { class: "who" }, h("h2", { text: title }), this.sub), this.#closeButton()),
      this.banner,
      this.tabList,
      this.chat,
      this.mine,
      this.live.node,
    );
    this.phone = matchMedia(PHONE);
    this.phone.addEventListener("change", () => this.#modal());
  }

  #closeButton() {
    return h("button", { type: "button", class: "btn icon-only close", "aria-label": () => t("close"), on: { click: this.wants.close } }, icon("close"));
  }

  show(focus) {
    this.node.hidden = false;
    this.#modal();
    this.draw();
    this.#bottom();
    if (focus) this.composer.focus();
  }

  hide() {
    this.node.hidden = true;
  }

  #modal() {
    setAttr(this.node, "aria-modal", this.phone.matches ? "true" : null);
  }

  /** Says everything again: the language is another one now, or an option. */
  reword() {
    reword(this.node);
    this.draw();
    if (!this.mine.hidden) this.purchases?.load();
  }

  draw() {
    if (this.node.hidden) return;
    const session = this.session;
    const rows = rowsOf(session);
    this.#atEnd(() => {
      keyed(this.rows, rows, (row) => row.key, createRow, (node, row) => updateRow(node, row, (item) => session.retryFailed(item)));
      this.#head();
      this.#intro(rows.length === 0);
      this.#tail();
    });
    if (rows.at(-1)?.item) this.#bottom();
  }

  /** Changes the log, and stays at its end when that is where the customer is. */
  #atEnd(change) {
    const stick = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 80;
    change();
    if (stick) this.#bottom();
  }

  #bottom() {
    this.log.scrollTop = this.log.scrollHeight;
  }

  #head() {
    const { owner, agent, online, pending } = this.session;
    const name = agent ?? t("agent");
    setText(this.sub, t(`state_${owner}`, { name }));
    if (this.mark.dataset.owner !== owner + name) {
      this.mark.dataset.owner = owner + name;
      this.mark.replaceChildren(owner === "agent" ? [...name][0].toUpperCase() : icon(owner === "bot" ? "spark" : "person"));
      this.mark.className = `mark ${owner}`;
    }
    const waiting = pending.filter((item) => item.state === "waiting").length;
    const lost = !online && (this.session.welcomed || this.session.link.state === "offline");
    setAttr(this.node, "data-line", this.session.link.state);
    this.banner.hidden = !lost && !this.session.refused;
    if (this.banner.dataset.lost !== String(lost)) {
      this.banner.dataset.lost = String(lost);
      this.banner.firstChild.replaceWith(icon(lost ? "offline" : "info"));
    }
    setText(this.banner.lastChild, !lost ? t("signed_out") : waiting ? t("offline_queued", { n: waiting }) : t("offline"));
    this.line.hidden = owner !== "queued";
    if (owner === "queued") this.#place();
    this.waiting.draw();
    const known = this.session.level > 0;
    this.composer.attachable(known);
    this.tabList.hidden = !known;
    if (!known && !this.mine.hidden) this.#tab(0);
    setAttr(this.human, "aria-disabled", owner === "queued" || owner === "agent" ? "true" : null);
  }

  /** The place in the line; a change of it is spoken, a change of the estimate alone is not. */
  #place() {
    const { queue, callback } = this.session;
    const text = queueText(queue, callback);
    setText(this.line.lastChild, text);
    const place = queue?.position;
    if (this.place && place && place !== this.place) this.live.say(text);
    this.place = place;
  }

  #intro(empty) {
    const { customer } = this.session;
    this.hello.hidden = this.starters.hidden = !empty;
    setText(this.hello, customer ? t("hello_name", { name: customer }) : t("hello"));
    const order = this.options.context?.order;
    const starters = ["start_due", "start_parcel", "start_time"].map((key) => [key, () => t(key)]);
    if (order) starters.unshift([`order ${order}`, () => t("start_order", { order })]);
    keyed(this.starters, starters, ([key]) => key, ([, say]) => this.#choice(say, () => this.#send({ type: "message", text: say() })));
  }

  #choice(text, click, lang) {
    return h("button", { type: "button", class: "btn choice", dir: "auto", lang, text, on: { click } });
  }

  /** What stands under the log: choices, the sign-in button, rating, who is writing. */
  #tail() {
    const parts = [];
    const { session } = this;
    const options = this.#openChoices();
    if (options) parts.push({ key: `choices${options.seq}`, make: () => this.#choices(options) });
    const level = levelWanted(session);
    if (level) parts.push({ key: `level${level.seq}`, make: () => this.#levelButton(level.level) });
    const rating = ratingWanted(session);
    if (rating && rating !== this.skipped) parts.push({ key: `rating${rating}`, make: () => this.#rating(rating) });
    if (session.owner === "closed") parts.push({ key: "transcript", make: () => h("button", { type: "button", class: "btn quiet transcript", text: () => t("transcript"), on: { click: () => download(session).catch(() => this.live.say(t("mine_failed"))) } }) });
    const typing = session.typing;
    if (typing && session.online) parts.push({ key: `typing${typing.kind}${typing.name}`, make: () => typingRow(typing, session.agent) });
    keyed(this.tail, parts, (part) => part.key, (part) => part.make());
  }

  /** The choices on offer: gone with the customer's next message, or when somebody else takes over. */
  #openChoices() {
    const { events, pending } = this.session;
    if (pending.some((item) => !SILENT.has(item.frame.type))) return null;
    for (let at = events.length - 1; at >= 0; at--) {
      const { kind, by } = events[at];
      if (kind === "choices") return events[at];
      if ((kind === "message" && by.kind === "customer") || kind === "handoff" || kind === "closed") return null;
    }
    return null;
  }

  #choices(event) {
    const lang = this.session.events.findLast((one) => one.data.locale)?.data.locale;
    const buttons = (event.data.options ?? []).map((option) => this.#choice(option.label, () => this.#send({ type: "choose", option: option.id }, option.label), lang));
    return h("div", { class: "choices", role: "group", "aria-label": () => t("choices") }, ...buttons);
  }

  #levelButton(level) {
    const press = () => {
      this.wants.auth(level);
      this.composer.focus();
    };
    return h("div", { class: "choices" }, h("button", { type: "button", class: "btn primary level", text: () => t(level > 1 ? "step_up" : "sign_in"), on: { click: press } }));
  }

  #rating(asked) {
    const done = () => {
      this.skipped = asked;
      this.composer.focus();
      this.draw();
    };
    const send = (score, comment) => (this.session.deliver({ type: "rate", score, ...(comment && { comment }) }), done());
    const place = h("div", {});
    const fill = ({ ratingForm }) => this.#atEnd(() => place.append(ratingForm(send, done)));
    import("./rating.js").then(fill, () => {}); // without a line there is no rating
    return place;
  }

  #send(frame, label) {
    this.session.deliver(frame, label);
    this.#bottom();
    this.composer.focus();
  }

  /** Shows the chat (0) or the purchases (1), which are read afresh each time. */
  async #tab(at) {
    this.tabs.forEach((tab, place) => {
      setAttr(tab, "aria-selected", String(place === at));
      setAttr(tab, "tabindex", place === at ? "0" : "-1");
    });
    [this.chat.hidden, this.mine.hidden] = [at !== 0, at !== 1];
    if (at === 0) return this.#bottom();
    if (!this.purchases) {
      const { Purchases } = await import("./purchases.js");
      const start = (text) => {
        this.#tab(0);
        this.#send({ type: "message", text });
      };
      this.purchases = new Purchases(this.session, { say: (text) => this.live.say(text), start });
      this.mine.append(this.purchases.node);
    }
    await this.purchases.load();
  }

  #tabKey(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const now = this.tabs.findIndex((tab) => tab.getAttribute("aria-selected") === "true");
    const next = (now + step + this.tabs.length) % this.tabs.length;
    this.tabs[next].focus();
    this.#tab(next);
  }

  async #files(files) {
    if (!this.uploads) {
      const { Uploads } = await import("./upload.js");
      this.uploads = new Uploads(this.session, (text) => this.live.say(text));
      this.files.append(this.uploads.node);
    }
    this.uploads.add(files);
  }

  #human() {
    const { owner, agent, pending } = this.session;
    if (owner === "queued" || pending.some((item) => item.frame.type === "human")) this.live.say(t("human_waiting"));
    else if (owner === "agent") this.live.say(t("human_here", { name: agent ?? t("agent") }));
    else this.#send({ type: "human" }, t("human"));
  }

  /** Speaks an event that came in live. */
  announce(event) {
    if (this.node.hidden || event.by.kind === "customer") return;
    const { kind, data, by } = event;
    if (kind === "message") this.live.say(`${by.kind === "agent" ? (by.name ?? t("agent")) : t("ai")}: ${plain(data.text)}`);
    else if (kind === "choices") this.live.say(`${t("choices")}: ${data.options.map((option) => option.label).join(", ")}`);
    else if (kind === "card") this.live.say([data.title, ...data.fields.map((field) => `${field.label}: ${field.value}`)].join(". "));
    else if (kind !== "rating_request") this.live.say(noteText(data, by));
  }

  #key(event) {
    if (event.key === "Escape") {
      event.stopPropagation();
      this.wants.close();
    } else if (event.key === "Tab" && this.phone.matches) {
      const stops = [...this.node.querySelectorAll("button, textarea, a[href], [tabindex]")].filter((node) => node.getClientRects().length);
      const edge = event.shiftKey ? stops[0] : stops.at(-1);
      if (focused() !== edge) return;
      event.preventDefault();
      (event.shiftKey ? stops.at(-1) : stops[0]).focus();
    }
  }
}
