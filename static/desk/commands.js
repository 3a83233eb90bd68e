// All that can be done, by name and by key: the command bar, the list of keys, the listener.

import { t } from "../lib/i18n.js";
import { showKeys } from "./dialogs.js";
import { listenKeys, singleKeys } from "./keys.js";
import { pick } from "./picker.js";

/** Keys and what they do; those after `keys` act where they stand and are for reading only. */
const KEYS = [
  ["J", "next"],
  ["K", "previous"],
  ["C", "claim"],
  ["D", "decline"],
  ["R", "reply"],
  ["N", "note"],
  ["T", "transfer"],
  ["H", "snooze"],
  ["L", "release"],
  ["B", "give_back"],
  ["E", "resolve"],
  ["Z", "undo"],
  ["X", "tick_row"],
  ["S", "search"],
  ["U", "take_over"],
  ["F", "floor"],
  ["?", "keys"],
  ["/", "saved_replies"],
  ["@", "mention_hint"],
  ["Ctrl+K", "commands"],
  ["Ctrl+Enter", "send_reply"],
  ["Esc", "leave_field"],
];

/**
 * @param {Record<string, () => void>} acts by name
 * @param {(name: string) => boolean} can what is possible now
 * @param {() => void} leave what Escape does outside of fields
 */
export function startCommands(acts, can, leave) {
  const all = {
    ...acts,
    keys: () => showKeys(KEYS.map(([key, name]) => [key, t(name)]), { on: singleKeys.on, set: singleKeys.set }),
  };
  const keyOf = (name) => KEYS.find(([, its]) => its === name)?.[0];
  const choose = async () => {
    const names = Object.keys(all).filter(can);
    const name = await pick(t("commands"), names.map((one) => ({ key: one, text: t(one), hint: keyOf(one) })));
    if (name) all[name]();
  };
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "k" || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    choose();
  });
  const single = KEYS.filter(([key, name]) => key.length === 1 && all[name]);
  listenKeys({ ...Object.fromEntries(single.map(([key, name]) => [key.toLowerCase(), () => can(name) && all[name]()])), Escape: leave });
  return { choose, keys: all.keys };
}
