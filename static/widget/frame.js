// The server's half of the framed chat. Listens to the embedding page only: its origin stands in the address, and every
// message must come from the parent window with that origin.

import { h } from "../lib/dom.js";
import { t, textLocale } from "../lib/i18n.js";
import { createChat } from "./chat.js";
import { choose, speak } from "./language.js";

const parentOrigin = decodeURIComponent(location.hash.slice(1));
const post = (message) => parent.postMessage({ redress: 1, ...message }, parentOrigin);
/** The chat, as soon as it is there. */
let chat = null;

function named() {
  document.documentElement.lang = textLocale();
  document.title = t("alone");
}

function emit(name, data) {
  if (name === "locale") named();
  post({ type: "event", name, data });
}

function boot({ opts, theme, lang }) {
  if (chat) return;
  const box = h("div", { class: "rd framed", "data-theme": opts.theme ?? theme });
  document.documentElement.style.colorScheme = { dark: "dark", auto: "light dark" }[opts.theme ?? theme] ?? "light";
  document.body.append(box);
  chat = createChat({ box, origin: location.origin, opts, lang, emit, hide: () => post({ type: "hide" }) }).catch((error) => emit("error", { code: "unavailable", message: String(error) }));
}

async function command({ name, value }) {
  const ready = await chat;
  if (!ready || !Object.hasOwn(ready, name)) return;
  ready[name](value);
  if (name !== "shutdown") return;
  chat = null;
  post({ type: "gone" });
}

async function alone() {
  await speak(choose());
  named();
  document.body.append(h("main", { class: "alone" }, h("h1", { text: t("alone") }), h("p", { text: t("alone_why") })));
}

addEventListener("message", ({ source, origin, data }) => {
  if (source !== parent || origin !== parentOrigin || data?.redress !== 1) return;
  if (data.type === "boot") boot(data);
  if (data.type === "command") command(data);
});

if (parent !== window && parentOrigin) post({ type: "ready" });
else alone();
