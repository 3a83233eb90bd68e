// The demo page: plays the host of the widget. It signs a persona in, answers the widget's wish for a fresh sign-in, and moves
// the server's clock.

import { h, setText } from "../lib/dom.js";

const chat = (...args) => window.SupportChat(...args);
const byId = (id) => document.getElementById(id);
const ANONYMOUS = { id: "", name: "Nobody yet", story: "Anonymous: not signed in, sees no account" };
const TRIES = ["My parcel never came", "Can I pay a bit later?", "There is a purchase I never made", "Why was I charged a late fee?", "I want to talk to a human"];

let person = ANONYMOUS;
let skew = 0;

async function ask(path, body) {
  const options = body && { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch(path, options);
  const value = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(value.detail ?? value.title ?? `${path} answered ${answer.status}`);
  return value;
}

/** Runs something that may fail, and says so on the page. */
async function attempt(work) {
  const problem = byId("problem");
  try {
    problem.hidden = true;
    return await work();
  } catch (error) {
    problem.hidden = false;
    problem.textContent = error.message;
  }
}

const level = () => Number(new FormData(byId("who")).get("level"));
const tokenFor = async (wanted) => (person.id ? (await ask("/api/tokens", { customer: person.id, level: wanted })).token : undefined);

/** Another customer sits down: nothing of the one before may be left. */
const become = (next) =>
  attempt(async () => {
    person = next;
    sessionStorage.setItem("demo.person", person.id);
    byId("who").setAttribute("aria-busy", "true"); // until the other one has the chat
    const token = await tokenFor(level()).finally(() => byId("who").removeAttribute("aria-busy"));
    chat("shutdown");
    chat("boot", { token, title: "Harbour Pay support" });
  });

function personRow(one) {
  const input = h("input", { type: "radio", name: "person", value: one.id, checked: one.id === person.id, on: { change: () => become(one) } });
  const name = one.id ? `${one.id} · ${one.name}` : one.name;
  return h("label", { class: "person" }, input, h("span", {}, h("b", { text: name }), h("small", { text: one.story })));
}

function showClock(now) {
  skew = Date.parse(now) - Date.now();
  tick();
}

function tick() {
  const now = new Date(Date.now() + skew);
  setText(byId("now"), new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" }).format(now) + " UTC");
}

/** The widget wants the customer signed in (1) or confirmed just now (2). */
async function confirmIdentity(wanted) {
  if (!person.id) {
    byId("people").querySelector("input")?.focus();
    return;
  }
  if (wanted > 1 && !(await asked())) return;
  await attempt(async () => chat("identify", await tokenFor(wanted)));
}

function asked() {
  const dialog = byId("bank");
  return new Promise((resolve) => {
    const end = (answer) => () => {
      dialog.close();
      resolve(answer);
    };
    byId("bank-yes").onclick = end(true);
    byId("bank-no").onclick = end(false);
    dialog.oncancel = () => resolve(false);
    dialog.showModal();
  });
}

chat("on", "auth", ({ level: wanted }) => confirmIdentity(wanted));
byId("tries").append(
  ...TRIES.map((text) => h("li", {}, h("button", { type: "button", class: "btn", text, on: { click: () => chat("showNewMessage", text) } }))),
);
byId("clock").addEventListener("click", (event) => {
  const advance = event.target.closest("button")?.dataset.advance;
  if (advance) attempt(async () => showClock((await ask("/api/clock", { advance })).now));
});
byId("who").addEventListener("change", (event) => event.target.name === "level" && become(person));
setInterval(tick, 10_000);

await attempt(async () => {
  const demo = await ask("/api/demo");
  const people = [ANONYMOUS, ...demo.personas];
  person = people.find((one) => one.id === sessionStorage.getItem("demo.person")) ?? ANONYMOUS;
  byId("people").append(...people.map(personRow));
  byId("agents").append(...demo.agents.map((agent) => h("div", {}, h("dt", { text: agent.name }, h("small", { text: ` ${agent.role}` })), h("dd", { text: agent.password }))));
  showClock(demo.now);
  chat("boot", { token: await tokenFor(level()), title: "Harbour Pay support" });
});
