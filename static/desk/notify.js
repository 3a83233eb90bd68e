// What should be noticed: toasts with an undo, a browser notification while the page is hidden, a tone. Each can be switched off.

import { h, icon } from "../lib/dom.js";
import { t } from "../lib/i18n.js";

const SOUND = "desk.sound";
const TOAST_MS = 8_000;
/** How long the server lets an agent take something back. */
const UNDO_MS = 10_000;
const MOST = 3;

export const sound = {
  get on() {
    return localStorage.getItem(SOUND) === "on";
  },
  set(on) {
    if (on) localStorage.setItem(SOUND, "on");
    else localStorage.removeItem(SOUND);
  },
};

/** A short tone, made here: no file is loaded for it. */
export function tone() {
  if (!sound.on) return;
  const audio = new AudioContext();
  const wave = audio.createOscillator();
  const loud = audio.createGain();
  loud.gain.setValueAtTime(0.08, audio.currentTime);
  loud.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + 0.25);
  wave.frequency.value = 660;
  wave.connect(loud).connect(audio.destination);
  wave.start();
  wave.stop(audio.currentTime + 0.26);
  wave.onended = () => audio.close();
}

/** What the browser says about notifications: `default` (not asked), `granted`, `denied`, or `none` when it has no such thing. */
export const notifications = () => globalThis.Notification?.permission ?? "none";

/** Asks the browser whether notifications may be shown; only ever after a press. */
export const allowNotifications = () => Notification.requestPermission();

export class Notices {
  /** @param {() => void} home takes the focus when a toast that had it goes */
  constructor(home) {
    this.home = home;
    this.node = h("div", { class: "toast" });
  }

  /** Tells what went wrong or was done. */
  told = (error) => this.#show(error?.message ?? t("not_sent"), TOAST_MS);

  /** Tells what was done, with a way back for ten seconds. */
  undoable = (text, back) => this.#show(text, UNDO_MS, t("undo"), back).setAttribute("data-undo", "");

  /** Takes the last thing back, if there is still time. */
  undo() {
    [...this.node.querySelectorAll("[data-undo] .do")].at(-1)?.click();
  }

  /** Something to notice at once, also when the page is not looked at. */
  notice(text, open) {
    this.#show(text, TOAST_MS, t("open"), open);
    tone();
    if (document.visibilityState !== "hidden" || notifications() !== "granted") return;
    const shown = new Notification(t("desk"), { body: text });
    shown.onclick = () => (window.focus(), open?.(), shown.close());
  }

  #show(text, ms, name, act) {
    const end = () => {
      clearTimeout(timer);
      const had = item.contains(document.activeElement);
      item.remove();
      if (had) this.home();
    };
    const go = act && h("button", { type: "button", class: "btn quiet do", text: name, on: { click: () => (end(), act()) } });
    const shut = h("button", { type: "button", class: "btn quiet icon-only", "aria-label": t("close"), on: { click: end } }, icon("close"));
    const item = h("div", { class: "told", role: "alert" }, h("span", { class: "plain", text }), go, shut);
    const timer = setTimeout(end, ms);
    // What can be taken back stays until its time is over.
    if (this.node.children.length >= MOST) (this.node.querySelector(".told:not([data-undo])") ?? this.node.firstElementChild).remove();
    this.node.append(item);
    return item;
  }
}
