// One's own access: sessions, password, second factor; for those who lead the log of privileged acts.

import { h } from "../lib/dom.js";
import { clockTime, dayText, t } from "../lib/i18n.js";
import { show } from "./dialogs.js";
import { words } from "./texts.js";
import { allowNotifications, notifications, sound, tone } from "./notify.js";

const moment = (at) => `${dayText(at)} ${clockTime(at)}`;

/** "Chrome on Linux", out of what a browser says about itself. */
function browserName(client) {
  const found = (names) => Object.entries(names).find(([mark]) => client.includes(mark))?.[1];
  const browser = found({ "Edg/": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari" });
  const system = found({ Android: "Android", iPhone: "iPhone", iPad: "iPad", Windows: "Windows", "Mac OS": "macOS", Linux: "Linux" });
  return browser ? [browser, system].filter(Boolean).join(" on ") : client.slice(0, 40);
}

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
  const sessions = h("ul", { class: "plain-list sessions", tabindex: -1 });
  const drawSessions = trying(async () => {
    const told = await ask("sessions");
    sessions.replaceChildren(
      ...told.sessions.map((one) =>
        h("li", {}, h("b", { text: one.agent }), h("span", { class: "plain hint", text: t("session_since", { browser: browserName(one.client ?? ""), at: moment(one.started_at), address: one.address }) }), one.current ? h("span", { class: "tag ok", text: t("this_session") }) : endButton(one)),
      ),
    );
  });
  const endButton = (one) => {
    const end = trying(async () => {
      await ask(`sessions/${encodeURIComponent(one.id)}`, "DELETE");
      await drawSessions();
      sessions.focus();
    });
    return h("button", { type: "button", class: "btn", text: t("end_session"), "aria-label": t("end_session_of", { name: one.agent, browser: browserName(one.client ?? "") }), on: { click: end } });
  };
  const field = (name, label, type, complete) => h("label", { class: "asked" }, label, h("input", { class: "field", name, type, autocomplete: complete, required: true }));
  const password = h("form", {}, field("old", t("old_password"), "password", "current-password"), field("new", t("new_password"), "password", "new-password"), h("button", { type: "submit", class: "btn", text: t("change_password") }));
  const changed = h("p", { class: "hint", role: "status" });
  password.addEventListener("submit", trying(async () => {
    await ask("password", "POST", Object.fromEntries(new FormData(password)));
    password.reset();
    changed.textContent = t("password_changed");
    drawSessions();
  }));
  const factor = h("div", { class: "part-body", tabindex: -1 });
  const drawFactor = trying(async () => {
    const { on } = await ask("totp");
    const code = h("input", { class: "field", inputmode: "numeric", autocomplete: "one-time-code", "aria-label": t("code") });
    const go = (method) =>
      trying(async () => {
        await ask("totp", method, { code: code.value.trim() });
        await drawFactor();
        factor.focus();
      });
    if (on) return factor.replaceChildren(h("p", { class: "hint", text: t("factor_on") }), code, h("button", { type: "button", class: "btn", text: t("factor_off"), on: { click: go("DELETE") } }));
    const begin = trying(async () => {
      const { secret, uri } = await ask("totp", "POST", {});
      factor.replaceChildren(h("p", { class: "hint", text: t("factor_secret") }), h("p", { class: "plain secret", text: secret }), h("p", {}, h("a", { href: uri, text: t("factor_link") })), code, h("button", { type: "button", class: "btn", text: t("factor_confirm"), on: { click: go("PUT") } }));
      code.focus();
    });
    factor.replaceChildren(h("button", { type: "button", class: "btn", text: t("factor_begin"), on: { click: begin } }));
  });
  const loud = h("input", { type: "checkbox", checked: sound.on, on: { change: () => (sound.set(loud.checked), tone()) } });
  const shown = h("div", {});
  const drawShown = () => {
    const allow = h("button", { type: "button", class: "btn", text: t("allow_notifications"), on: { click: () => allowNotifications().then(drawShown) } });
    shown.replaceChildren(notifications() === "default" ? allow : h("p", { class: "hint", tabindex: -1, text: t(`notifications_${notifications()}`) }));
  };
  const log = h("ol", { class: "plain-list audit", reversed: true, tabindex: 0, "aria-label": t("audit") });
  const older = h("button", { type: "button", class: "btn", hidden: true, text: t("more"), on: { click: () => drawLog(older.value) } });
  const drawLog = (before) =>
    trying(async () => {
      const { rows, next } = await ask(before ? `audit?before=${encodeURIComponent(before)}` : "audit");
      log.append(...rows.map((row) => h("li", {}, h("span", { class: "hint num", text: moment(row.at) }), h("span", { class: "plain" }, h("b", { text: row.agent }), ` ${words(row.act)} ${row.subject ?? ""} ${row.detail ?? ""}`))));
      older.hidden = !next;
      older.value = next ?? "";
    })();
  const part = (title, ...children) => h("section", { class: "part" }, h("h3", { text: title }), ...children);
  const dialog = show(
    h("h2", { id: "dialog-title", text: t("access") }),
    part(t("notices"), h("label", { class: "check" }, loud, t("sound")), shown),
    part(t("sessions"), sessions),
    part(t("password"), password, changed),
    part(t("second_factor"), factor),
    leads && part(t("audit"), log, older),
    h("div", { class: "dialog-acts" }, h("button", { type: "button", class: "btn", text: t("close"), on: { click: () => dialog.close() } }), problem),
  );
  dialog.classList.add("wide");
  drawShown();
  drawSessions();
  drawFactor();
  if (leads) drawLog();
}
