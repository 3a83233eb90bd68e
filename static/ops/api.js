// Requests of the ops page. What is refused is thrown with the server's own words.

import { t } from "../lib/i18n.js";

/** A request that was refused: `status`, a sentence, and the problems of a file, if it was about one. */
export class Refused extends Error {
  constructor(status, told) {
    super(told.detail ?? told.title ?? String(status));
    this.status = status;
    this.problems = told.problems ?? [];
  }
}

/**
 * Asks the server; answers what it says.
 * @param {string} path
 * @param {{method?: string, body?: object}} [options] with a body it is a POST unless said otherwise
 */
export async function ask(path, { method, body } = {}) {
  let answer;
  try {
    answer = await fetch(path, {
      method: method ?? (body ? "POST" : "GET"),
      ...(body && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    });
  } catch {
    throw new Refused(0, { detail: t("not_sent") });
  }
  if (answer.status === 204) return null;
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(answer.status, told);
  return told;
}
