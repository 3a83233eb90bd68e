// Clocks of answers: how much is left, as a number, a word and a colour. Computed from the server's time.

import { t } from "../lib/i18n.js";
import { waited } from "./texts.js";

/** A third of the time before it is due, or five minutes when it is not known since when it runs. */
const SOON_MS = 5 * 60_000;

/**
 * @param {number} now
 * @param {string|undefined} due
 * @param {string|undefined} [since]
 * @returns {{state: "ok"|"soon"|"late", text: string, tint: string}|null}
 */
export function clockOf(now, due, since) {
  if (!due) return null;
  const left = Date.parse(due) - now;
  const soon = since ? (Date.parse(due) - Date.parse(since)) / 3 : SOON_MS;
  const time = waited(Math.abs(left) / 1000);
  if (left < 0) return { state: "late", text: t("clock_late", { time }), tint: "bad" };
  if (left < soon) return { state: "soon", text: t("clock_soon", { time }), tint: "warn" };
  return { state: "ok", text: t("clock_ok", { time }), tint: "ok" };
}
