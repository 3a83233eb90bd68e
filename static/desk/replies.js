// Saved replies and macros: chosen with a slash, filled in by the server, inserted as a draft. Nothing is sent by itself.

import { t } from "../lib/i18n.js";
import { pick } from "./picker.js";
import { words } from "./texts.js";

let loaded = null;

async function replies() {
  if (loaded) return loaded;
  const answer = await fetch("/api/desk/replies").catch(() => null);
  if (!answer?.ok) return [];
  return (loaded = (await answer.json()).replies);
}

/** What a macro does after its text, in words. */
export function follows(then) {
  if (!then) return "";
  if (then.resolve) return t("then_resolve", { code: words(then.resolve) });
  if (then.transfer) return t("then_transfer", { to: words(then.transfer) });
  return t("then_snooze", { n: then.snooze_hours });
}

/**
 * Lets the agent choose a saved reply and fills it in.
 * @param {string} conversation
 * @param {() => string} typed what stands after the slash by the time that the list is there
 * @returns {Promise<{text: string, then: any}|null>} rejects with the server's words
 */
export async function chooseReply(conversation, typed) {
  const all = await replies();
  const key = await pick(
    t("saved_replies"),
    all.map((reply) => ({ key: reply.shortcut, text: reply.title, hint: [`/${reply.shortcut}`, reply.languages.join(" "), follows(reply.then)].filter(Boolean).join(" · ") })),
    typed(),
  );
  if (!key) return null;
  const answer = await fetch(`/api/desk/conversations/${encodeURIComponent(conversation)}/replies/${encodeURIComponent(key)}`);
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(told.detail ?? t("not_sent"));
  return { text: told.text, then: all.find((reply) => reply.shortcut === key)?.then ?? null };
}
