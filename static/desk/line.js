// One row of the list: who, what about, how urgent, how long; who else is busy with it. Made once and patched.

import { h, setAttr, setText } from "../lib/dom.js";
import { t } from "../lib/i18n.js";
import { clockOf, clockTag, runClock } from "./clock.js";
import { priorityText, waited, words } from "./texts.js";

/**
 * @param {any} row
 * @param {{open: (id: string) => void, tick: (id: string, on: boolean) => void}} wants
 */
export function createLine(row, wants) {
  const id = row.conversation;
  const span = (name) => h("span", { class: name });
  const tick = h("input", { type: "checkbox", class: "tick", "aria-label": t("tick", { name: row.customer || t("guest") }), on: { change: () => wants.tick(id, tick.checked) } });
  const parts = {
    tick,
    name: h("b", { class: "name", dir: "auto" }),
    lang: span("tag lang"),
    priority: span("tag priority"),
    unread: span("unread tag accent num"),
    about: span("about"),
    preview: h("span", { class: "preview plain", dir: "auto" }),
    busy: h("span", { class: "busy tag warn", hidden: true }),
    wait: span("wait"),
    due: clockTag(),
  };
  parts.item = h(
    "button",
    { type: "button", class: "item", on: { click: () => wants.open(id) } },
    h("span", { class: "first" }, parts.name, parts.lang, parts.priority, parts.unread),
    parts.about,
    parts.preview,
    h("span", { class: "times num" }, parts.wait, parts.due, parts.busy),
  );
  const node = h("li", { class: "line-row", "data-id": id }, tick, parts.item);
  node.parts = parts;
  return node;
}

/** Who else is busy with it: somebody writes, or looks. */
function busyWith(talk, lookers) {
  if (talk.typing) return t("typing", { name: talk.typing.name ?? t(talk.typing.kind === "agent" ? "by_agent" : "by_customer") });
  return lookers.length ? t("looks_too", { n: lookers.length, names: lookers.join(", ") }) : "";
}

/**
 * Patches a row; one that has not changed costs a comparison.
 * @param {import("./model.js").Model} model
 */
export function updateLine(node, row, model, selected, ticked) {
  const talk = model.talk(row.conversation);
  const busy = busyWith(talk, model.lookers(row.conversation));
  if (node.row !== row) node.json = JSON.stringify(row);
  node.row = row;
  const state = node.json + busy + talk.unread + selected + ticked + talk.events.length;
  if (node.state === state) return;
  node.state = state;
  const { parts } = node;
  const waits = row.waiting_since !== undefined;
  setText(parts.name, row.customer || t("guest"));
  parts.lang.hidden = !row.language || row.language === "en";
  setText(parts.lang, row.language ?? "");
  parts.priority.hidden = !waits;
  if (waits) {
    setText(parts.priority, priorityText(row.priority));
    setAttr(parts.priority, "class", `tag priority ${row.priority === 0 ? "bad" : row.priority === 1 ? "warn" : ""}`);
  }
  const asked = row.offered && (row.offered.mine ? t("asked_of_you") : t("asked_now", { name: row.offered.agent ?? t("by_agent") }));
  const about = [waits && row.reason, row.intent, row.skill].filter(Boolean).map(words);
  setText(parts.about, [...new Set(about), asked].filter(Boolean).join(" · "));
  setText(parts.preview, row.preview ?? talk.events.findLast((event) => event.kind === "message")?.data.text ?? "");
  parts.busy.hidden = !busy;
  setText(parts.busy, busy);
  parts.unread.hidden = !talk.unread;
  setText(parts.unread, String(talk.unread));
  parts.tick.checked = ticked;
  setAttr(parts.item, "aria-current", selected ? "true" : null);
}

/** Moves the times on: text nodes only. */
export function runLine({ row, parts }, now) {
  if (row.snoozed_until && Date.parse(row.snoozed_until) > now) {
    setText(parts.wait, t("asleep_for", { time: waited((Date.parse(row.snoozed_until) - now) / 1000) }));
    return runClock(parts.due, null);
  }
  setText(parts.wait, row.waiting_since ? t("wait", { time: waited((now - Date.parse(row.waiting_since)) / 1000) }) : "");
  runClock(parts.due, clockOf(now, row.due ?? row.clock?.due, row.waiting_since, row.clock?.state));
}
