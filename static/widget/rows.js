// Draws one entry of the log. A row is made once and only its state words change later.

import { dots, h, icon, setAttr } from "../lib/dom.js";
import { clockTime, momentText, t } from "../lib/i18n.js";
import { markdown } from "../lib/markdown.js";
import { SILENT } from "./session.js";

/**
 * The rows to show: stored events in order, then what is still on its way.
 * @param {import("./session.js").Session} session
 */
export function rowsOf(session) {
  const rows = [];
  let lastOwn = null;
  let lang; // of what is said: a card is in the language of the message before it
  for (const event of session.events) {
    lang = event.data.locale ?? lang;
    const type = rowType(event);
    if (!type) continue;
    const row = { key: event.id ?? `s${event.seq}`, type, at: event.at, data: event.data, by: event.by, seq: event.seq, lang, state: "" };
    if (type === "me") lastOwn = row;
    rows.push(row);
  }
  if (lastOwn) lastOwn.state = session.readByThem >= lastOwn.seq && session.owner === "agent" ? "read" : "sent";
  for (const item of session.pending) {
    if (SILENT.has(item.frame.type)) continue;
    const text = item.frame.text ?? item.label;
    const state = item.state === "waiting" && session.online ? "sending" : item.state;
    rows.push({ key: item.frame.id, type: "me", at: item.at, data: { text }, by: { kind: "customer" }, state, item });
  }
  return rows;
}

function rowType(event) {
  switch (event.kind) {
    case "message":
      return { customer: "me", agent: "agent", bot: "bot" }[event.by.kind] ?? "note";
    case "card":
      return "card";
    case "handoff":
    case "closed":
    case "rating":
    case "notice":
      return "note";
    default:
      return null;
  }
}

/** Words of a row that is not a bubble. */
export function noteText(data, by) {
  if (data.state === "callback") return t("handoff_callback", { at: momentText(data.at) });
  if (data.state) return t(`handoff_${data.state}`, { name: data.agent ?? by.name ?? t("agent") });
  if (data.score) return t("rated", { score: t(`rate_${data.score}`) });
  return data.text ?? t("closed");
}

export function createRow(row) {
  if (row.type === "note") return h("div", { class: "row note", dir: "auto" }, h("span", { lang: row.data.text && row.data.locale, text: () => noteText(row.data, row.by) }));
  if (row.type === "card") return h("div", { class: "row card-row" }, author(row), card(row.data), row.data.translated && original(row.data.translated));
  const own = row.type === "me";
  const body = own ? h("div", { class: "bubble plain", text: row.data.text }) : h("div", { class: "bubble md" }, markdown(row.data.text));
  body.setAttribute("dir", "auto");
  const node = h("div", { class: `row ${row.type}` }, own ? h("span", { class: "sr", text: () => `${t("you")}: ` }) : author(row), body);
  if (own) node.append(h("div", { class: "state" }));
  if (row.data.translated) body.append(original(row.data.translated));
  return node;
}

/** What a machine has translated says so, in the customer's language, and shows what was said before. */
function original({ note, locale, original: { text, title, fields = [] } }) {
  const lines = [title, ...fields.map((field) => `${field.label}: ${field.value}`)].filter(Boolean);
  return h("div", { class: "original" }, h("span", { text: note }), h("div", { lang: locale, dir: "auto" }, text ? markdown(text) : lines.join("\n")));
}

function author(row) {
  const bot = row.by.kind !== "agent";
  const label = () => (bot ? t("ai") : (row.by.name ?? t("agent")));
  return h("div", { class: "by" }, icon(bot ? "spark" : "person"), h("b", { text: label }), h("time", { datetime: row.at, text: () => clockTime(row.at) }));
}

function card(data) {
  const box = h("div", { class: `card ${data.card ?? ""}`, role: "group", "aria-label": data.title ?? data.card });
  if (data.title) box.append(h("div", { class: "card-title", dir: "auto" }, icon("card"), h("span", { text: data.title })));
  const list = h("dl", {});
  for (const field of data.fields ?? []) list.append(h("div", {}, h("dt", { text: field.label }), h("dd", { class: "num", dir: "auto", text: String(field.value) })));
  box.append(list);
  return box;
}

/** Brings the words under an own bubble up to date. */
export function updateRow(node, row, retry) {
  const said = node.querySelector(":scope > .bubble, :scope > .card");
  if (said) setAttr(said, "lang", row.lang);
  const state = node.querySelector(":scope > .state");
  if (!state || state.dataset.state === row.state) return;
  state.dataset.state = row.state;
  state.replaceChildren();
  if (row.state) state.append(h("span", { text: () => t(row.state) }));
  if (row.state === "failed") state.append(" – ", h("button", { type: "button", class: "link", text: () => t("retry"), on: { click: () => retry(row.item) } }));
}

/** "AI assistant is writing", with dots. */
export function typingRow(typing, agent) {
  const bot = typing.kind !== "agent";
  const words = () => (bot ? t("typing_bot") : t("typing_agent", { name: typing.name ?? agent ?? t("agent") }));
  return h("div", { class: `row typing ${bot ? "bot" : "agent"}` }, h("div", { class: "bubble" }, dots(), h("span", { class: "sr", text: words })));
}
