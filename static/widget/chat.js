// Joins session and panel into the chat that the loader talks to; the same in a page and in a frame.

import { textLocale } from "../lib/i18n.js";
import { choose, primary, regional, speak } from "./language.js";
import { Panel } from "./panel.js";
import { Session } from "./session.js";
import { openStore } from "./store.js";

/**
 * @param {object} place
 * @param {Element} place.box where the panel goes
 * @param {string} place.origin the server
 * @param {any} place.opts the options of `boot`
 * @param {string} place.lang the language of the host page
 * @param {(name: string, data?: any) => void} place.emit
 * @param {() => void} place.hide asks the loader to hide the chat
 */
export async function createChat({ box, origin, opts, lang, emit, hide }) {
  const wanted = () => [opts.locale, lang];
  let chosen = choose(...wanted());
  await speak(chosen);
  emit("locale", textLocale());
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
  /** Goes on in the language of the conversation, or in one that the embedding page has asked for. */
  const follow = async (locale) => {
    const tag = choose(locale, ...wanted());
    if (primary(tag) === primary(chosen)) return;
    chosen = tag;
    try {
      await speak(tag);
    } catch (error) {
      chosen = textLocale(); // the words did not come: those that are there stay
      return emit("error", { code: "unavailable", message: String(error) });
    }
    if (!panel.node.isConnected) return; // shut down meanwhile
    panel.reword();
    emit("locale", textLocale());
  };
  const session = new Session({
    origin,
    store,
    token: opts.token,
    locale: [...wanted(), navigator.language].filter(Boolean).map(regional).find(Boolean),
    onchange: draw,
    onevent: emit,
    onlive: (event) => panel.announce(event),
    onlocale: follow,
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
      if (options.locale) follow((session.locale = regional(options.locale)));
      panel.reword();
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
