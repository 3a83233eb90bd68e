// Speaks finished messages to screen readers: apart from the visible log, once for each reply, taken away afterwards.

import { h } from "../lib/dom.js";

const GATHER_MS = 400; // a reply may come as text, card and choices: they are one announcement
const KEEP_MS = 1500; // taken away sooner, screen readers miss it

/** A hidden polite region and `say(text)`. */
export function announcer() {
  const node = h("div", { class: "sr live", "aria-live": "polite", "aria-atomic": "false" });
  let parts = [];
  let timer;
  const speak = () => {
    const line = h("div", { text: parts.join(" ") });
    parts = [];
    node.append(line);
    setTimeout(() => line.remove(), KEEP_MS);
  };
  return {
    node,
    say(text) {
      parts.push(text);
      clearTimeout(timer);
      timer = setTimeout(speak, GATHER_MS);
    },
    hush() {
      clearTimeout(timer);
      parts = [];
    },
  };
}
