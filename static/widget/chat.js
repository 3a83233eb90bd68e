// Joins session and panel into the chat that the loader talks to; the same in a page and in a frame.

import { currentLocale, setLocale } from "../lib/i18n.js";
import { Panel } from "./panel.js";
import { Session } from "./session.js";
import { openStore } from "./store.js";
import "./texts.js";

/** The page's language; in the customer's own region where they speak it ("en" on a British device is "en-GB"). */
function pageLocale() {
  const page = document.documentElement.lang;
  return !page || navigator.language.startsWith(`${page}-`) ? navigator.language : page;
}

/**
 * @param {object} place
 * @param {Element} place.box where the panel goes
 * @param {string} place.origin the server
 * @param {any} place.opts the options of `boot`
 * @param {(name: string, data?: any) => void} place.emit
 * @param {() => void} place.hide asks the loader to hide the chat
 */
export function createChat({ box, origin, opts, emit, hide }) {
  setLocale(opts.locale ?? pageLocale());
  const store = openStore(opts.app);
  let panel;
  let drawing = false;
  const draw = () => {
    if (drawing) return;
    drawing = true;
    queueMicrotask(() => {
      drawing = false;
      panel.draw();
    });
  };
  const session = new Session({
    origin,
    store,
    token: opts.token,
    locale: currentLocale(),
    onchange: draw,
    onevent: emit,
    onlive: (event) => panel.announce(event),
  });
  panel = new Panel(session, opts, { close: hide, auth: (level) => emit("auth", { level }) });
  box.append(panel.node);
  const seen = () => session.markRead();
  document.addEventListener("visibilitychange", seen);

  return {
    show(focus) {
      session.start();
      session.visible = true;
      panel.show(focus);
      session.markRead();
    },
    hide() {
      session.visible = false;
      panel.hide();
    },
    resume: () => session.start(),
    update(options) {
      Object.assign(panel.options, options);
      if ("token" in options) session.identify(options.token);
      panel.draw();
    },
    identify(token) {
      session.refused = false;
      session.identify(token);
    },
    draft(text) {
      panel.composer.draft(text);
      panel.composer.focus();
    },
    /** Ends it and leaves nothing on the device. */
    shutdown() {
      document.removeEventListener("visibilitychange", seen);
      session.stop();
      store.clear();
      panel.node.remove();
    },
  };
}
