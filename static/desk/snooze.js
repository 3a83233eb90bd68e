// Until when a conversation sleeps: an hour, four, tomorrow or Monday at nine, or a moment that the agent chooses.

import { h } from "../lib/dom.js";
import { clockTime, dayText, t } from "../lib/i18n.js";
import { show } from "./dialogs.js";

const HOUR_MS = 3_600_000;

/** Nine o'clock, local time, so many days from now. */
function morning(now, days) {
  const day = new Date(now);
  day.setDate(day.getDate() + days);
  day.setHours(9, 0, 0, 0);
  return day.getTime();
}

/** A moment as a field of dates takes it, in local time. */
const local = (at) => new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);

/**
 * @param {number} now the server's time
 * @returns {Promise<string|null>} RFC 3339
 */
export function askSnooze(now) {
  const toMonday = (8 - new Date(now).getDay()) % 7 || 7;
  const times = [
    ["one_hour", now + HOUR_MS],
    ["four_hours", now + 4 * HOUR_MS],
    ["tomorrow", morning(now, 1)],
    ["on_monday", morning(now, toMonday)],
  ];
  const radio = (value, checked) => h("input", { type: "radio", name: "until", value, checked });
  const own = radio("own", false);
  const field = h("input", { type: "datetime-local", class: "field", "aria-label": t("own_time"), value: local(morning(now, 2)), min: local(now), on: { input: () => (own.checked = true), focus: () => (own.checked = true) } });
  return new Promise((resolve) => {
    const submit = (event) => {
      event.preventDefault();
      const at = own.checked ? Date.parse(field.value) : Number(new FormData(form).get("until"));
      if (!(at > now)) return field.focus();
      resolve(new Date(at).toISOString());
      dialog.close();
    };
    const form = h(
      "form",
      { on: { submit } },
      h("h2", { id: "dialog-title", text: t("snooze") }),
      h(
        "fieldset",
        {},
        h("legend", { class: "hint", text: t("snooze_until") }),
        ...times.map(([name, at], n) => h("label", { class: "check" }, radio(String(at), n === 0), h("span", { text: t(name) }), h("span", { class: "hint num", text: `${dayText(at)} ${clockTime(at)}` }))),
        h("div", { class: "check" }, h("label", { class: "check" }, own, h("span", { text: t("own_time") })), field),
      ),
      h("div", { class: "dialog-acts" }, h("button", { type: "submit", class: "btn primary", text: t("snooze") }), h("button", { type: "button", class: "btn", text: t("cancel"), on: { click: () => dialog.close() } })),
    );
    const dialog = show(form);
    dialog.addEventListener("close", () => resolve(null));
    form.querySelector("input").focus();
  });
}
