// Small questions to the agent: one choice of several, and the list of keys.

import { h } from "../lib/dom.js";
import { t } from "../lib/i18n.js";
import { words } from "./texts.js";

function show(...children) {
  const dialog = h("dialog", { class: "dialog", "aria-labelledby": "dialog-title" }, ...children);
  const before = document.activeElement;
  document.body.append(dialog);
  dialog.addEventListener("close", () => {
    dialog.remove();
    before?.focus?.();
  });
  dialog.showModal();
  return dialog;
}

/** Asks for one of several codes; resolves with null when the agent thinks better of it. */
export function askOne(title, label, codes) {
  return new Promise((resolve) => {
    const radios = codes.map((code, at) => h("input", { type: "radio", name: "code", value: code, checked: at === 0 }));
    const submit = (event) => {
      event.preventDefault();
      resolve(radios.find((radio) => radio.checked).value);
      dialog.close();
    };
    const form = h(
      "form",
      { on: { submit } },
      h("h2", { id: "dialog-title", text: title }),
      h("fieldset", {}, h("legend", { class: "hint", text: label }), ...codes.map((code, at) => h("label", { class: "check" }, radios[at], words(code)))),
      h("div", { class: "dialog-acts" }, h("button", { type: "submit", class: "btn primary", text: title }), h("button", { type: "button", class: "btn", text: t("cancel"), on: { click: () => dialog.close() } })),
    );
    const dialog = show(form);
    dialog.addEventListener("close", () => resolve(null));
    radios[0].focus();
  });
}

/** @param {[string, string][]} keys @param {{on: boolean, set: (on: boolean) => void}} single */
export function showKeys(keys, single) {
  const box = h("input", { type: "checkbox", id: "keys-on", checked: single.on, on: { change: () => single.set(box.checked) } });
  const dialog = show(
    h("h2", { id: "dialog-title", text: t("keys") }),
    h("dl", { class: "keys" }, ...keys.map(([key, what]) => h("div", {}, h("dt", {}, h("kbd", { text: key })), h("dd", { text: what })))),
    h("label", { class: "check" }, box, t("keys_on")),
    h("p", { class: "hint", text: t("keys_hint") }),
    h("div", { class: "dialog-acts" }, h("button", { type: "button", class: "btn", text: t("close"), on: { click: () => dialog.close() } })),
  );
}
