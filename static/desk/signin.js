// The sign-in form, and who is signed in.

import { h } from "../lib/dom.js";
import { t } from "../lib/i18n.js";

/** Words in the address when somebody was not let in, see `Refusal` of the server. */
const REASONS = ["down", "stale", "denied", "untrusted", "no_role", "elsewhere", "failed"];

/** The agent of this browser's session, or null. */
export async function signedIn() {
  const answer = await fetch("/api/desk/session");
  return answer.ok ? ((await answer.json()).agent ?? null) : null;
}

export function signOut() {
  // Drafts and the wish to be on duty belong to the one who signed in.
  sessionStorage.clear();
  for (const key of Object.keys(localStorage)) if (key.startsWith("desk.draft.")) localStorage.removeItem(key);
  return fetch("/api/desk/session", { method: "DELETE" });
}

/**
 * @param {() => void} done
 * @param {string[]} [roles] of the demo's agents, those that are one press away; all when left out
 */
export function signInPage(done, roles) {
  const problem = h("p", { class: "problem", role: "alert", id: "sign-in-problem" });
  const name = h("input", { class: "field", id: "name", name: "name", autocomplete: "username", required: true });
  const password = h("input", { class: "field", id: "password", name: "password", type: "password", autocomplete: "current-password", required: true, "aria-describedby": "sign-in-problem" });
  const code = h("input", { class: "field", id: "code", name: "code", inputmode: "numeric", autocomplete: "one-time-code", "aria-describedby": "sign-in-problem" });
  const second = h("div", { class: "second", hidden: true }, h("label", { for: "code", text: t("code") }), code);
  const demo = h("div", { class: "demo-names" });
  const other = h("div", { class: "by-provider", hidden: true });
  const enter = async (who, secret) => {
    problem.textContent = "";
    try {
      const answer = await fetch("/api/desk/session", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ name: who, password: secret, ...(code.value.trim() && { code: code.value.trim() }) }),
      });
      if (answer.ok) return done();
      const told = await answer.json().catch(() => ({}));
      problem.textContent = told.detail ?? told.title ?? `${answer.status}`;
      if (told.need === "code") {
        second.hidden = false;
        code.value = "";
        code.focus();
      } else password.focus();
    } catch {
      problem.textContent = t("not_sent");
    }
  };
  const form = h(
    "form",
    { class: "sign-in", on: { submit: (event) => (event.preventDefault(), enter(name.value.trim(), password.value)) } },
    h("h1", { text: t("sign_in") }),
    h("label", { for: "name", text: t("name") }),
    name,
    h("label", { for: "password", text: t("password") }),
    password,
    second,
    h("button", { class: "btn primary", type: "submit", text: t("enter") }),
    problem,
    other,
    demo,
  );
  problem.textContent = refused();
  byProvider(other, problem);
  if (location.hash === "#demo") demoNames(demo, enter, roles);
  return h("main", { class: "sign-in-page" }, form);
}

/** Why the identity provider's sign-in let nobody in: it sends the browser back with a word in the address. */
function refused() {
  const address = new URL(location.href);
  const code = address.searchParams.get("refused");
  if (!code) return "";
  address.searchParams.delete("refused");
  history.replaceState(null, "", address);
  return t(REASONS.includes(code) ? `refused_${code}` : "refused_failed");
}

/** A button for the identity provider, when the server has one. */
async function byProvider(place, problem) {
  const answer = await fetch("/api/desk/oidc").catch(() => null);
  const { name } = answer?.ok ? await answer.json() : {};
  if (!name) return;
  const go = async () => {
    problem.textContent = "";
    button.disabled = true;
    try {
      const begun = await fetch("/api/desk/oidc", { method: "POST" });
      const told = await begun.json().catch(() => ({}));
      if (begun.ok) return location.assign(told.url);
      problem.textContent = told.detail ?? told.title ?? `${begun.status}`;
    } catch {
      problem.textContent = t("not_sent");
    }
    button.disabled = false;
    button.focus();
  };
  const button = h("button", { type: "button", class: "btn", text: t("sign_in_with", { name }), on: { click: go } });
  place.replaceChildren(button);
  place.hidden = false;
}

/** With `#demo` in the address the demo's agents are one press away. */
async function demoNames(place, enter, roles) {
  const answer = await fetch("/api/demo");
  if (!answer.ok) return;
  const { agents } = await answer.json();
  const fit = agents.filter(({ role }) => !roles || roles.includes(role));
  place.append(...fit.map(({ name, password }) => h("button", { type: "button", class: "btn", text: t("demo_as", { name }), on: { click: () => enter(name, password) } })));
}
