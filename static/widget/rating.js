// Asks for a rating at the end: five named buttons, an optional comment, or skip. Loaded when a rating is first asked for.

import { h } from "../lib/dom.js";
import { t } from "../lib/i18n.js";

const SCORES = [1, 2, 3, 4, 5];

/**
 * @param {(score: number, comment: string) => void} send
 * @param {() => void} skip
 */
export function ratingForm(send, skip) {
  let score = 0;
  const comment = h("textarea", { class: "field", rows: 2, maxlength: 1000, "aria-label": () => t("rate_comment"), placeholder: () => t("rate_comment") });
  const more = h("div", { class: "more", hidden: true }, comment, h("button", { type: "submit", class: "btn primary", text: () => t("rate_send") }));
  const buttons = SCORES.map((n) =>
    h("button", {
      type: "button",
      class: "btn score",
      "aria-pressed": "false",
      text: () => t(`rate_${n}`),
      on: {
        click: () => {
          score = n;
          buttons.forEach((button, at) => button.setAttribute("aria-pressed", String(at + 1 === n)));
          more.hidden = false;
        },
      },
    }),
  );
  const form = h(
    "form",
    { class: "card rating" },
    h("fieldset", {}, h("legend", { class: "card-title", text: () => t("rate") }), h("div", { class: "scores" }, ...buttons)),
    more,
    h("button", { type: "button", class: "btn quiet skip", text: () => t("rate_skip"), on: { click: skip } }),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (score) send(score, comment.value.trim());
  });
  return form;
}
