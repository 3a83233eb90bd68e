// The server's half of the framed chat. Listens to the embedding page only: its origin stands in the address, and every
// message must come from the parent window with that origin.

import { h } from "../lib/dom.js";
import { createChat } from "./chat.js";

const parentOrigin = decodeURIComponent(location.hash.slice(1));
const post = (message) => parent.postMessage({ redress: 1, ...message }, parentOrigin);
let chat = null;

function boot({ opts, theme }) {
  if (chat) return;
  const box = h("div", { class: "rd framed", "data-theme": opts.theme ?? theme });
  document.documentElement.style.colorScheme = { dark: "dark", auto: "light dark" }[opts.theme ?? theme] ?? "light";
  document.body.append(box);
  chat = createChat({
    box,
    origin: location.origin,
    opts,
    emit: (name, data) => post({ type: "event", name, data }),
    hide: () => post({ type: "hide" }),
  });
}

addEventListener("message", ({ source, origin, data }) => {
  if (source !== parent || origin !== parentOrigin || data?.redress !== 1) return;
  if (data.type === "boot") boot(data);
  if (data.type !== "command" || !chat || !Object.hasOwn(chat, data.name)) return;
  chat[data.name](data.value);
  if (data.name === "shutdown") {
    chat = null;
    post({ type: "gone" });
  }
});

if (parent !== window && parentOrigin) post({ type: "ready" });
else document.body.append(h("main", { class: "alone" }, h("h1", { text: "Support chat" }), h("p", { text: "This page is shown inside a shop’s page. There is nothing to see on its own." })));
