// One's own access: sessions, password, second factor; for those who lead the log of privileged acts.

import { h } from "../lib/dom.js";
import { clockTime, dayText, t } from "../lib/i18n.js";
import { show } from "./dialogs.js";
import { words } from "./texts.js";
import { allowNotifications, sound } from "./notify.js";

const moment = (at) => `${dayText(at)} ${clockTime(at)}`;

async function ask(path, method = "GET", body) {
  const answer = await fetch(`/api/desk/${path}`, { method, headers: body ? { "content-type": "application/json" } : {}, body: body && JSON.stringify(body) });
  const told = answer.status === 204 ? {} : await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(told.detail ?? t("not_sent"));
  return told;
}

/** @param {{leads: boolean}} who */
export function showAccess({ leads }) {
  const problem = h("p", { class: "problem", role: "alert" });
  const trying = (act) => async (event) => {
    event?.preventDefault();
    problem.textContent = "";
    try {
      await act();
    } catch (error) {
      problem.textContent = error.message;
    }
  };
  const sessions = h("ul", { class: "plain-list sessions" });
  const drawSessions = trying(async () => {
    const told = await ask("sessions");
    sessions.replaceChildren(
      ...told.sessions.map((one) =>
        h("li", {}, h("span", { class: "plain", text: `${one.agent}, ${moment(one.started_at)}, ${one.address} ${one.client}`.slice(0, 120) }), " ", one.current ? h("span", { class: "tag ok", text: t("this_session") }) : h("button", { type: "button", class: "btn quiet", text: t("end_session"), on: { click: trying(async () => (await ask(`sessions/${encodeURIComponent(one.id)}`, "DELETE"), drawSessions())) } })),
      ),
    );
  });
  const field = (name, label, type, complete) => h("label", { class: "asked" }, label, h("input", { class: "field", name, type, autocomplete: complete, required: true }));
  const password = h("form", {}, field("old", t("old_password"), "password", "current-password"), field("new", t("new_password"), "password", "new-password"), h("button", { type: "submit", class: "btn", text: t("change_password") }));
  password.addEventListener("submit", trying(async () => {
    await ask("password", "POST", Object.fromEntries(new FormData(password)));
    password.reset();
    problem.textContent = t("password_changed");
    drawSessions();
  }));
  const factor = h("div", {});
  const drawFactor = trying(async () => {
    const { on } = await ask("totp");
    const code = h("input", { class: "field", inputmode: "numeric", autocomplete: "one-time-code", "aria-label": t("code") });
    const go = (method) => trying(async () => (await ask("totp", method, { code: code.value.trim() }), drawFactor()));
    if (on) return factor.replaceChildren(h("p", { class: "hint", text: t("factor_on") }), code, h("button", { type: "button", class: "btn", text: t("factor_off"), on: { click: go("DELETE") } }));
    const begin = trying(async () => {
      const { secret, uri } = await ask("totp", "POST", {});
      factor.replaceChildren(h("p", { class: "hint", text: t("factor_secret") }), h("p", { class: "plain secret", text: secret }), h("p", {}, h("a", { href: uri, text: t("factor_link") })), code, h("button", { type: "button", class: "btn", text: t("factor_confirm"), on: { click: go("PUT") } }));
      code.focus();
    });
    factor.replaceChildren(h("button", { type: "button", class: "btn", text: t("factor_begin"), on: { click: begin } }));
  });
  const loud = h("input", { type: "checkbox", checked: sound.on, on: { change: () => sound.set(loud.checked) } });
  const log = h("ol", { class: "plain-list audit", reversed: true });
  const drawLog = trying(async () => {
    const { rows } = await ask("audit");
    log.replaceChildren(...rows.map((row) => h("li", { class: "plain", text: `${moment(row.at)} ${row.agent}: ${words(row.act)} ${row.subject} ${row.detail}` })));
  });
  const part = (title, ...children) => h("section", { class: "part" }, h("h3", { text: title }), ...children);
  const dialog = show(
    h("h2", { id: "dialog-title", text: t("access") }),
    problem,
    part(t("notices"), h("label", { class: "check" }, loud, t("sound")), h("button", { type: "button", class: "btn", text: t("allow_notifications"), on: { click: () => allowNotifications() } })),
    part(t("sessions"), sessions),
    part(t("password"), password),
    part(t("second_factor"), factor),
    leads && part(t("audit"), log),
    h("div", { class: "dialog-acts" }, h("button", { type: "button", class: "btn", text: t("close"), on: { click: () => dialog.close() } })),
  );
  dialog.classList.add("wide");
  drawSessions();
  drawFactor();
  if (leads) drawLog();
}
