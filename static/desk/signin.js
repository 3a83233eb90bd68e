// The sign-in form, and who is signed in.

import { h } from "../lib/dom.js";
import { t } from "../lib/i18n.js";

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

/** @param {() => void} done */
export function signInPage(done) {
  const problem = h("p", { class: "problem", role: "alert", id: "sign-in-problem" });
  const name = h("input", { class: "field", id: "name", name: "name", autocomplete: "username", required: true });
  const password = h("input", { class: "field", id: "password", name: "password", type: "password", autocomplete: "current-password", required: true, "aria-describedby": "sign-in-problem" });
  const code = h("input", { class: "field", id: "code", name: "code", inputmode: "numeric", autocomplete: "one-time-code", "aria-describedby": "sign-in-problem" });
  const second = h("div", { class: "second", hidden: true }, h("label", { for: "code", text: t("code") }), code);
  const demo = h("div", { class: "demo-names" });
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
    demo,
  );
  if (location.hash === "#demo") demoNames(demo, enter);
  return h("main", { class: "sign-in-page" }, form);
}

/** With `/desk#demo` the demo's agents are one press away. */
async function demoNames(place, enter) {
  const answer = await fetch("/api/demo");
  if (!answer.ok) return;
  const { agents } = await answer.json();
  place.append(...agents.map(({ name, password }) => h("button", { type: "button", class: "btn", text: t("demo_as", { name }), on: { click: () => enter(name, password) } })));
}
