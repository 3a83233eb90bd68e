// The hand-over packet in ten seconds: who, what they want, why a person, what was tried, asked and is open, clocks, promises, what next.

import { h } from "../lib/dom.js";
import { clockTime, dayText, t } from "../lib/i18n.js";
import { clockOf } from "./clock.js";
import { priorityText, words } from "./texts.js";

/** In the order of reading: what to do stands first, since it is what ten seconds are for. */
const SECTIONS = ["next", "who", "wants", "why", "clocks", "promises", "open", "tried", "asked"];

/**
 * @param {any} packet
 * @param {{now: number, show: (seq: number) => void}} wants
 */
export function packetParts(packet, wants) {
  const tags = [packet.priority === undefined || packet.priority === null ? null : priorityText(packet.priority), packet.queue && words(packet.queue), packet.reason && words(packet.reason)].filter(Boolean);
  const head = tags.length > 0 && h("div", { class: "tags" }, ...tags.map((text) => h("span", { class: "tag", text })));
  const parts = SECTIONS.filter((name) => packet[name]?.length).map((name) => h("section", { class: `part packet-${name}` }, h("h2", { text: t(`packet_${name}`) }), h("dl", { class: "packet" }, ...packet[name].map((fact) => line(fact, name, wants)))));
  return [head && h("div", { class: "packet-head" }, head), ...parts].filter(Boolean);
}

function line(fact, section, wants) {
  const { source, due } = fact;
  const at = due ? `${dayText(due)} ${clockTime(due)}` : null;
  const clock = section === "clocks" || section === "promises" ? clockOf(wants.now, due) : null;
  const text = fact.label === "Waiting since" ? at : fact.text;
  return h(
    "div",
    {},
    h("dt", { text: fact.label }),
    h("dd", { class: "plain", dir: "auto" }, h("span", { class: "num", text }), clock && h("span", { class: `tag ${clock.tint}`, text: clock.text }), at && text !== at && h("span", { class: "hint num", text: at }), origin(source, wants)),
  );
}

/** Where a fact comes from: an event is one press away, a lookup says when it was made. */
function origin(source, wants) {
  if (!source) return null;
  if (source.event !== undefined) return h("button", { type: "button", class: "source num", "aria-label": t("show_event", { n: source.event }), text: `#${source.event}`, on: { click: () => wants.show(source.event) } });
  return h("span", { class: "source num", title: source.at ?? "", text: source.lookup });
}
