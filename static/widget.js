// The launcher: one button and the commands; the chat is fetched on the first hover or open.
(() => {
  "use strict";
  const stub = window.SupportChat;
  if (stub?.loaded) return;
  const origin = new URL(document.currentScript.src).origin;
  const base = `${origin}/a/__BUILD__/`;
  const listeners = {};
  const WORDS = {
    en: ["Support chat", ", # unread"],
    sv: ["Supportchatt", ", olästa: #"],
    de: ["Support-Chat", ", ungelesen: #"],
  };
  let host, box, button, badge, opts, loading, ending;
  let shown = false;
  let unread = 0;

  const css = `.rd{all:initial;display:block;color-scheme:inherit;direction:inherit}
.launch{all:unset;box-sizing:border-box;position:fixed;z-index:2147483000;inset-block-end:calc(20px + env(safe-area-inset-bottom));inset-inline-end:20px;
width:56px;height:56px;border-radius:50%;border:1px solid transparent;display:grid;place-items:center;cursor:pointer;
background:#17181a;background:light-dark(#17181a,#eeeff1);color:#fff;color:light-dark(#fff,#17181a);box-shadow:0 6px 24px rgb(0 0 0/.24)}
[data-side=start] .launch{inset-inline:20px auto}
.launch:focus-visible{outline:2px solid #2a4bd0;outline-color:light-dark(#2a4bd0,#8fa8ff);outline-offset:3px}
.launch svg{width:26px;height:26px;fill:none;stroke:currentColor;stroke-width:1.8;stroke-linecap:round;stroke-linejoin:round}
.badge{position:absolute;inset-block:-4px auto;inset-inline:auto -4px;min-width:22px;height:22px;box-sizing:border-box;padding:0 5px;border-radius:11px;border:2px solid #fff;
background:#b3261e;color:#fff;font:600 12px/18px system-ui,sans-serif;text-align:center}.badge:empty{display:none}
@media(max-width:479px),(max-height:479px){.open .launch{display:none}}`;

  /** Keeps in the host page that the chat was opened, never what was said. */
  const flag = (area, value) => {
    try {
      const store = window[area];
      if (value) store["redress.seen"] = value;
      else if (value === "") delete store["redress.seen"];
      return store["redress.seen"];
    } catch {
      return null;
    }
  };

  const emit = (name, data) => {
    if (opts) ({ unread: count, locale: look })[name]?.(data);
    for (const listener of listeners[name] ?? [])
      try {
        listener(data);
      } catch (error) {
        console.error(error);
      }
  };

  const count = (n) => {
    unread = n;
    document.title = (n ? `(${n}) ` : "") + document.title.replace(/^\(\d+\) /, "");
    if (!badge) return;
    badge.textContent = n > 99 ? "99+" : n || "";
    look();
  };

  /** Looks and names, in the first language with words. */
  const look = (locale) => {
    box.lang = [locale, box.lang, document.documentElement.lang, ...navigator.languages].map((tag) => tag?.slice(0, 2)).find((tag) => WORDS[tag]) ?? "en";
    box.style.colorScheme = opts.theme?.replace("auto", "light dark") ?? "";
    box.dataset.side = opts.side ?? "";
    if (opts.dir) box.dir = opts.dir;
    const [chat, news] = WORDS[box.lang];
    box.setAttribute("aria-label", opts.title ?? chat);
    button.setAttribute("aria-label", (opts.label ?? chat) + (unread ? news.replace("#", unread) : ""));
    button.setAttribute("aria-expanded", shown);
  };

  const draw = () => {
    const make = (tag, kind, inside) => Object.assign(inside.appendChild(document.createElement(tag)), { className: kind });
    host = document.createElement("redress-chat");
    const root = host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [sheet];
    box = make("div", "rd", root);
    box.setAttribute("role", "region");
    button = make("button", "launch", box);
    const svg = button.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "svg"));
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.appendChild(document.createElementNS(svg.namespaceURI, "path")).setAttribute("d", "M5 4.5h14a1.5 1.5 0 0 1 1.5 1.5v9.5a1.5 1.5 0 0 1-1.5 1.5h-8L6.5 20.5V17H5a1.5 1.5 0 0 1-1.5-1.5V6A1.5 1.5 0 0 1 5 4.5z");
    badge = make("span", "badge", button);
    button.onpointerenter = button.onfocus = () => load();
    button.onclick = () => (shown ? hide() : show());
    look(opts.locale);
    document.body.append(host);
  };

  /** Fetches the chat, once unless it failed. */
  const load = () => {
    const mine = opts;
    const place = box;
    return (loading ??= Promise.resolve(ending)
      .then(() => import(`${base}widget/${mine.mode === "frame" ? "framehost" : "inline"}.js`))
      .then((part) => part.mount({ box: place, origin, opts: mine, emit, hide }))
      .catch((error) => {
        if (mine === opts) loading = null;
        emit("error", { code: "unavailable", message: String(error) });
      }));
  };

  const toggle = (on, focus) => {
    shown = on;
    box.classList.toggle("open", on);
    look();
    flag("sessionStorage", on ? "1" : "");
    if (on) flag("localStorage", "1");
    tell(on ? "show" : "hide", focus);
    emit(on ? "show" : "hide");
  };
  const show = (focus = true) => shown || toggle(true, focus);
  const hide = () => {
    if (!shown) return;
    toggle(false);
    button.focus();
  };

  /** Tells the chat as soon as it is there. */
  const tell = (command, value) => load().then((chat) => chat?.[command](value));

  const api = {
    boot(options = {}) {
      if (opts) return api.update(options);
      opts = { mode: origin === location.origin ? "inline" : "frame", ...options };
      draw();
      emit("ready");
      if (flag("sessionStorage")) show(false);
      else if (flag("localStorage")) tell("resume");
    },
    update(options) {
      if (!opts) return;
      Object.assign(opts, options);
      look(options.locale);
      if (loading) tell("update", options);
    },
    show: () => show(),
    hide,
    showNewMessage(text) {
      show();
      tell("draft", text);
    },
    identify(token) {
      opts.token = token;
      if (loading) tell("identify", token);
    },
    setContext(context) {
      api.update({ context: { ...opts.context, ...context } });
    },
    locale: (locale) => api.update({ locale }),
    shutdown() {
      if (!opts) return;
      const old = host;
      old.hidden = true;
      ending = Promise.resolve(loading).then((chat) => chat?.shutdown()).then(() => old.remove());
      flag("localStorage", "");
      flag("sessionStorage", "");
      count(0);
      opts = loading = null;
      shown = false;
    },
    on(event, listener) {
      (listeners[event] ??= new Set()).add(listener);
      if (event === "unread") listener(unread);
      return () => listeners[event].delete(listener);
    },
  };

  window.SupportChat = (command, ...args) => {
    const run = Object.hasOwn(api, command) && api[command];
    if (!run) throw new TypeError(`SupportChat has no command "${command}".`);
    if (document.body) return run(...args);
    addEventListener("DOMContentLoaded", () => run(...args), { once: true });
  };
  window.SupportChat.loaded = true;
  for (const args of stub?.q ?? []) window.SupportChat(...args);
})();
