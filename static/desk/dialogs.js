// Small questions to the agent: one choice of several, a few fields, and the list of keys.

import { h } from "../lib/dom.js";
import { t } from "../lib/i18n.js";
import { words } from "./texts.js";

/** Opens a dialog titled by the element `dialog-title` in it; the focus goes back afterwards. */
export function show(...children) {
  const dialog = h("dialog", { class: "dialog", "aria-labelledby": "dialog-title" }, ...children.filter(Boolean));
  const before = document.activeElement;
  document.body.append(dialog);
  dialog.addEventListener("close", () => {
    dialog.remove();
    before?.focus?.();
  });
  dialog.showModal();
  return dialog;
}

/** Asks for one of several codes, `more` is asked below; resolves with null when the agent thinks better of it. */
export function askOne(title, label, codes, more = "") {
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
      more,
      h("div", { class: "dialog-acts" }, h("button", { type: "submit", class: "btn primary", text: title }), h("button", { type: "button", class: "btn", text: t("cancel"), on: { click: () => dialog.close() } })),
    );
    const dialog = show(form);
    dialog.addEventListener("close", () => resolve(null));
    radios[0].focus();
  });
}

/**
 * Asks for a few fields; resolves with what was given by name, or null.
 * @param {(form: {select: Function, line: Function, text: Function, number: Function}) => Node[]} fields
 */
export function askForm(title, go, fields) {
  const field = (label, control) => h("label", { class: "asked" }, label, control);
  const form = {
    select: (name, label, options) => field(label, h("select", { name }, ...options.map(([value, text]) => h("option", { value, text })))),
    line: (name, label, value) => field(label, h("input", { name, value, required: true, maxlength: 80, autocomplete: "off" })),
    text: (name, label, required) => field(label, h("textarea", { name, required, maxlength: 2000 })),
    number: (name, label) => field(label, h("input", { name, inputmode: "decimal", pattern: "[0-9]+([.,][0-9]+)?" })),
  };
  return new Promise((resolve) => {
    const submit = (event) => {
      event.preventDefault();
      const given = Object.fromEntries([...new FormData(node)].filter(([, value]) => value !== ""));
      resolve(given);
      dialog.close();
    };
    const node = h(
      "form",
      { on: { submit } },
      h("h2", { id: "dialog-title", text: title }),
      ...fields(form),
      h("div", { class: "dialog-acts" }, h("button", { type: "submit", class: "btn primary", text: go }), h("button", { type: "button", class: "btn", text: t("cancel"), on: { click: () => dialog.close() } })),
    );
    const dialog = show(node);
    dialog.addEventListener("close", () => resolve(null));
    (node.querySelector("select, textarea, input") ?? node.querySelector("button")).focus();
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
