// Clocks of answers: how much is left, as a number, a word and a colour. Computed from the server's time.

import { h, setAttr, setText } from "../lib/dom.js";
import { t } from "../lib/i18n.js";
import { waited } from "./texts.js";

/** Soon is the last third of the time, or the last five minutes when it is not known since when it runs. */
const SOON_MS = 5 * 60_000;

/**
 * @param {number} now
 * @param {string|undefined} due
 * @param {string|undefined} [since]
 * @param {"running"|"warned"|"breached"} [state] what the server says about it
 * @returns {{state: "ok"|"soon"|"late", text: string, tint: string}|null}
 */
export function clockOf(now, due, since, state) {
  if (!due) return null;
  const left = Date.parse(due) - now;
  const soon = since ? (Date.parse(due) - Date.parse(since)) / 3 : SOON_MS;
  const time = waited(Math.abs(left) / 1000);
  if (left < 0) return { state: "late", text: t("clock_late", { time }), tint: "bad" };
  if (left < soon || state === "warned") return { state: "soon", text: t("clock_soon", { time }), tint: "warn" };
  return { state: "ok", text: t("clock_ok", { time }), tint: "ok" };
}

/** A tag that shows a clock; `runClock` moves it on. */
export const clockTag = () => h("span", { class: "tag due num", hidden: true });

/** Brings a tag up to date, touching only what changed. */
export function runClock(tag, clock) {
  if (tag.hidden !== !clock) tag.hidden = !clock;
  if (!clock) return;
  setText(tag, clock.text);
  setAttr(tag, "class", `tag due num ${clock.tint}`);
}
