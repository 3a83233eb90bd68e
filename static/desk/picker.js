// One picker for saved replies, the command bar and names: a field, and a list that it narrows. Arrows move, Enter takes, Escape leaves.

import { h, setAttr } from "../lib/dom.js";
import { t } from "../lib/i18n.js";

const MOST = 40;

/**
 * @param {string} label
 * @param {{key: string, text: string, hint?: string}[]} items
 * @param {string} [typed] what stands in the field at first
 * @returns {Promise<string|null>} the key that was taken
 */
export function pick(label, items, typed = "") {
  return new Promise((resolve) => {
    let at = 0;
    let shown = [];
    const field = h("input", { class: "field", role: "combobox", "aria-label": label, "aria-expanded": "true", "aria-controls": "picker-list", "aria-autocomplete": "list", autocomplete: "off", placeholder: label, value: typed });
    const list = h("ul", { id: "picker-list", class: "picks", role: "listbox", "aria-label": label });
    const none = h("p", { class: "empty", role: "status" });
    const dialog = h("dialog", { class: "dialog picker", "aria-label": label }, field, list, none);
    const before = document.activeElement;
    const end = (key) => {
      resolve(key);
      dialog.close();
    };
    const draw = () => {
      const wanted = field.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
      const fits = (item) => wanted.every((word) => `${item.text} ${item.key} ${item.hint ?? ""}`.toLowerCase().includes(word));
      shown = items.filter(fits).slice(0, MOST);
      at = Math.min(at, Math.max(shown.length - 1, 0));
      list.replaceChildren(
        ...shown.map((item, n) =>
          h("li", { id: `pick-${n}`, role: "option", "aria-selected": String(n === at), on: { click: () => end(item.key) } }, h("span", { class: "plain", text: item.text }), item.hint && h("span", { class: "hint", text: item.hint })),
        ),
      );
      list.hidden = !shown.length;
      none.textContent = shown.length ? "" : t("nothing_fits");
      setAttr(field, "aria-activedescendant", shown.length ? `pick-${at}` : null);
      list.children[at]?.scrollIntoView({ block: "nearest" });
    };
    field.addEventListener("input", () => ((at = 0), draw()));
    field.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step && shown.length) {
        event.preventDefault();
        at = (at + step + shown.length) % shown.length;
        draw();
      } else if (event.key === "Enter") {
        event.preventDefault();
        if (shown[at]) end(shown[at].key);
      }
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      before?.focus?.();
      resolve(null);
    });
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    document.body.append(dialog);
    dialog.showModal();
    draw();
    field.focus();
  });
}
