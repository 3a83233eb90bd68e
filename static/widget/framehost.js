// The host page's half of the framed chat: an iframe of the support server that host scripts cannot read. Every message is
// checked for its source and its origin, and sent to that one origin only.

import { adopt, h } from "../lib/dom.js";
import place from "./place.css.js";

const COMMANDS = ["show", "hide", "resume", "update", "identify", "draft"];
const GONE_MS = 2000;

/** Called by the loader; answers the same commands as the inline chat. */
export function mount({ box, origin, opts, emit, hide }) {
  adopt(box.getRootNode(), place);
  const frame = h("iframe", { class: "panel frame", title: box.getAttribute("aria-label"), src: `${origin}/frame#${encodeURIComponent(location.origin)}`, allow: "", hidden: true });
  const waiting = [];
  let ready = false;
  let gone = () => {};
  const post = (message) => (ready ? frame.contentWindow.postMessage({ redress: 1, ...message }, origin) : waiting.push(message));
  const heard = ({ source, origin: from, data }) => {
    if (source !== frame.contentWindow || from !== origin || data?.redress !== 1) return;
    if (data.type === "ready") {
      ready = true;
      post({ type: "boot", opts: { ...opts, page: document.title }, theme: theme(box), lang: document.documentElement.lang });
      waiting.splice(0).forEach(post);
    } else if (data.type === "event") {
      emit(data.name, data.data);
      frame.title = box.getAttribute("aria-label"); // its language may be another one now
    } else if (data.type === "hide") hide();
    else if (data.type === "gone") gone();
  };
  addEventListener("message", heard);
  box.append(frame);

  const chat = Object.fromEntries(COMMANDS.map((name) => [name, (value) => post({ type: "command", name, value })]));
  return {
    ...chat,
    show(focus) {
      frame.hidden = false;
      if (focus) frame.focus();
      chat.show(focus);
    },
    hide() {
      frame.hidden = true;
      chat.hide();
    },
    /** Resolves when the frame has cleared its storage. */
    async shutdown() {
      const end = new Promise((resolve) => {
        gone = resolve;
        setTimeout(resolve, GONE_MS);
      });
      post({ type: "command", name: "shutdown" });
      await end;
      removeEventListener("message", heard);
      frame.remove();
    },
  };
}

/** The colour scheme that the host page shows around the widget. */
function theme(box) {
  const scheme = getComputedStyle(box).colorScheme;
  if (scheme.includes("dark") && scheme.includes("light")) return "auto";
  return scheme.includes("dark") ? "dark" : "light";
}
