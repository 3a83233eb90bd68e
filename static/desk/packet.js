// The hand-over packet in ten seconds: who, what they want, why a person, what was tried, asked and is open, clocks, promises, what next.

import { h, keyed } from "../lib/dom.js";
import { clockTime, dayText, t } from "../lib/i18n.js";
import { clockOf, clockTag, runClock } from "./clock.js";
import { priorityText, words } from "./texts.js";

/** In the order of reading: what to do stands first, since it is what ten seconds are for. */
const SECTIONS = ["next", "model", "who", "wants", "why", "clocks", "promises", "open", "tried", "asked"];
/** Facts of these sections are moments that run out. */
const RUNS = new Set(["clocks", "promises"]);

/**
 * Draws a packet; a fact that stays keeps its node.
 * @param {HTMLElement} place
 * @param {any} packet or null
 * @param {(seq: number) => void} showEvent
 */
export function drawPacket(place, packet, showEvent) {
  const tags = packet ? [packet.priority === undefined || packet.priority === null ? null : priorityText(packet.priority), packet.queue && words(packet.queue), packet.reason && words(packet.reason)].filter(Boolean) : [];
  const shown = packet && { ...packet, model: summed(packet.model_summary) };
  const parts = [...(tags.length ? ["tags"] : []), ...SECTIONS.filter((name) => shown?.[name]?.length)];
  keyed(place, parts, (name) => name, makePart, (node, name) => {
    if (name === "tags") return keyed(node, tags, (text) => text, (text) => h("span", { class: "tag", text }));
    keyed(node.lastElementChild, shown[name], JSON.stringify, (fact) => line(fact, RUNS.has(name), showEvent));
  });
}

/** A model's sentences, each with the event that it rests on. */
const summed = (summary) => (summary?.sentences ?? []).map(({ text, seqs }) => ({ label: t("by_model"), text, source: { event: seqs[0] } }));

const makePart = (name) => (name === "tags" ? h("div", { class: "tags packet-head" }) : h("section", { class: `part packet-${name}` }, h("h2", { text: t(`packet_${name}`) }), h("dl", { class: "packet" })));

function line(fact, runs, showEvent) {
  const { source, due } = fact;
  const at = due ? `${dayText(due)} ${clockTime(due)}` : null;
  const text = fact.label === "Waiting since" ? at : fact.text;
  const tag = runs && due ? clockTag() : null;
  if (tag) tag.dataset.due = due;
  return h("div", {}, h("dt", { text: fact.label }), h("dd", { class: "plain", dir: "auto" }, h("span", { class: "num", text }), tag && " ", tag, at && text !== at && h("span", { class: "hint num", text: ` ${at}` }), source && " ", origin(source, showEvent)));
}

/** Moves the clocks on. */
export function runPacket(place, now) {
  for (const tag of place.querySelectorAll("[data-due]")) runClock(tag, clockOf(now, tag.dataset.due));
}

/** Where a fact comes from: an event is one press away, a lookup says when it was made. */
function origin(source, showEvent) {
  if (!source) return null;
  if (source.event !== undefined) return h("button", { type: "button", class: "source num", "aria-label": t("show_event", { n: source.event }), text: `#${source.event}`, on: { click: () => showEvent(source.event) } });
  return h("span", { class: "source num", title: source.at ? `${dayText(source.at)} ${clockTime(source.at)}` : null, text: source.lookup });
}
