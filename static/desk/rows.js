// One entry of the transcript. Bot, customer, agent, note, decision and action differ by label, tint and icon.

import { h, icon } from "../lib/dom.js";
import { clockTime, t } from "../lib/i18n.js";
import { markdown } from "../lib/markdown.js";
import { languageName } from "./rewrite.js";
import { words } from "./texts.js";

const LOOK = { customer: "person", bot: "spark", agent: "person", note: "note", decision: "branch", action: "gear", system: "info" };

/** A key that stays with the event. */
export const keyOf = (event) => `${event.seq}.${event.sub ?? 0}`;

/** The events in the order of reading: a translation stands right beneath the message that it translates. */
export function arranged(events) {
  const of = (event) => (event.kind === "note" ? event.data.translation?.of : undefined);
  const moved = events.filter((event) => of(event));
  if (!moved.length) return events;
  const beneath = (event) => (event.sub ? [] : moved.filter((note) => of(note) === event.seq));
  return events.filter((event) => !of(event)).flatMap((event) => [event, ...beneath(event)]);
}

export function createRow(event) {
  const { kind, data, by } = event;
  switch (kind) {
    case "message": {
      const type = by.kind === "system" ? "bot" : by.kind;
      const body = type === "customer" ? h("div", { class: "plain", text: data.text }) : h("div", { class: "md" }, markdown(data.text));
      return bubble(event, type, type === "bot" ? t("by_bot") : (by.name ?? t(`by_${type}`)), data.translated ? h("div", {}, body, original(data.translated)) : body);
    }
    case "note":
      if (data.translation) return translation(data);
      return bubble(event, "note", `${t("by_note")}: ${by.name ?? ""}`, h("div", { class: "plain", text: data.text }));
    case "card":
      return bubble(event, "bot", t("by_bot"), h("div", {}, h("b", { text: data.title ?? words(data.card) }), facts((data.fields ?? []).map((field) => [field.label, field.value]))));
    case "decision":
    case "action":
      return detail(event, kind);
    case "choices":
      return line(event, t("offered", { options: data.options.map((option) => option.label).join(" · ") }));
    case "handoff":
      return line(event, t(`handoff_${data.state}`, { name: data.agent ?? by.name ?? t("by_agent") }) + (data.queue ? `: ${words(data.queue)}` : ""));
    case "closed":
      return line(event, `${t("closed")}: ${words(data.reason)}`);
    case "rating":
      return line(event, t("rated", { n: data.score }) + (data.comment ? `: ${data.comment}` : ""));
    case "rating_request":
      return line(event, t("rating_request"));
    default:
      return line(event, data.text ?? words(kind));
  }
}

/** A customer's message in English, beneath the message. */
const translation = (data) => h("div", { class: "row customer translation" }, h("div", { class: "hint", text: t("translated_from", { language: languageName(data.translation.from) }) }), h("div", { class: "plain", dir: "auto", lang: data.locale, text: data.text }));

/** What was said before it was translated. */
function original({ original: { text, title } }) {
  return h("div", { class: "original" }, h("div", { class: "hint", text: t("translated_to") }), h("div", { class: "md", dir: "auto" }, markdown(text ?? title ?? "")));
}

const time = (event) => h("time", { class: "num", datetime: event.at, text: clockTime(event.at) });

function bubble(event, type, name, body) {
  body.setAttribute("dir", "auto");
  return h("div", { class: `row ${type}` }, h("div", { class: "by" }, icon(LOOK[type]), h("b", { text: name }), time(event)), h("div", { class: "bubble" }, body));
}

function line(event, text) {
  return h("div", { class: "row line" }, h("span", { dir: "auto", text }), " ", time(event));
}

/** Why the bot did what it did, or what changed: one line, the rest on demand. */
function detail(event, kind) {
  const { data } = event;
  const reading = data.intents?.length ? readings(data.intents) : null;
  const title = data.action ?? reading ?? data.rule ?? data.text ?? "";
  const rest = Object.entries(data).filter(([name, value]) => value !== title && value !== null && name !== "intents");
  const head = [icon(LOOK[kind]), h("b", { text: t(`by_${kind}`) }), h("span", { class: "plain", text: words(title) }), time(event)];
  if (!rest.length) return h("div", { class: `row detail ${kind}` }, h("div", { class: "head" }, ...head));
  return h("details", { class: `row detail ${kind}` }, h("summary", { class: "head" }, ...head), facts(rest.map(([name, value]) => [words(name), value])));
}

/** Ranked readings, `[[intent, confidence], …]`, as "Track delivery 71 %, Goods not received 24 %". */
const readings = (intents) =>
  intents
    .filter(([, confidence]) => confidence >= 0.01)
    .slice(0, 3)
    .map(([intent, confidence]) => `${words(intent)} ${Math.round(confidence * 100)} %`)
    .join(", ");

/** A definition list; whatever is not text is shown as readable text. */
export function facts(pairs) {
  return h("dl", { class: "facts" }, ...pairs.map(([name, value]) => h("div", {}, h("dt", { text: name }), h("dd", { class: "num plain", dir: "auto", text: readable(value) }))));
}

/** Any JSON value in words. */
export function readable(value) {
  if (value === null || value === undefined || value === "") return "–";
  if (Array.isArray(value)) return value.map(readable).join("; ") || "–";
  if (typeof value === "object") {
    return Object.entries(value)
      .map(([name, inner]) => `${words(name)}: ${readable(inner)}`)
      .join(", ");
  }
  return typeof value === "boolean" ? (value ? "yes" : "no") : String(value);
}
