// What should be noticed: a toast with an undo, a browser notification while the page is hidden, a tone. Each can be switched off.

import { h } from "../lib/dom.js";
import { t } from "../lib/i18n.js";

const SOUND = "desk.sound";
const TOAST_MS = 8_000;
/** How long the server lets an agent take something back. */
const UNDO_MS = 10_000;

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
function tone() {
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

/** Asks the browser whether notifications may be shown; only ever after a press. */
export const allowNotifications = () => (globalThis.Notification ? Notification.requestPermission() : Promise.resolve("denied"));

export class Notices {
  constructor() {
    this.text = h("span", {});
    this.back = h("button", { type: "button", class: "btn quiet undo", hidden: true, text: t("undo"), on: { click: () => this.undo() } });
    this.node = h("div", { class: "toast", role: "alert", hidden: true }, this.text, this.back);
  }

  /** Tells what went wrong or was done. */
  told = (error) => this.#show(error?.message ?? t("not_sent"), null, TOAST_MS);

  /** Tells what was done, with a way back for ten seconds. */
  undoable = (text, back) => this.#show(text, back, UNDO_MS);

  /** Takes the last thing back, if there is still time. */
  undo() {
    const back = this.takeBack;
    this.#hide();
    back?.();
  }

  #show(text, back, ms) {
    clearTimeout(this.timer);
    this.takeBack = back;
    this.text.textContent = text;
    this.back.hidden = !back;
    this.node.hidden = false;
    this.timer = setTimeout(() => this.#hide(), ms);
  }

  #hide() {
    clearTimeout(this.timer);
    this.takeBack = null;
    this.node.hidden = true;
    this.text.textContent = "";
  }

  /** Something to notice at once, also when the page is not looked at. */
  notice(text, open) {
    this.#show(text, null, TOAST_MS);
    tone();
    if (document.visibilityState !== "hidden" || globalThis.Notification?.permission !== "granted") return;
    const shown = new Notification(t("desk"), { body: text });
    shown.onclick = () => (window.focus(), open?.(), shown.close());
  }
}
