// The writing field: Enter sends, Shift+Enter breaks the line, a counter appears near the limit, typing is told sparingly.

import { h, icon, setAttr, word } from "../lib/dom.js";
import { t } from "../lib/i18n.js";
import { typist } from "../lib/typing.js";

export const MAX_CHARS = 4000;
const COUNT_FROM = 400; // characters left from which the counter shows

/**
 * @param {object} wants
 * @param {(text: string) => void} wants.send
 * @param {(on: boolean) => void} wants.typing
 * @param {(files: File[]) => void} wants.files
 */
export function createComposer(wants) {
  const input = h("textarea", { class: "field", rows: 1, "aria-label": () => t("write"), placeholder: () => t("write"), "aria-describedby": "rd-count", dir: "auto" });
  const button = h("button", { class: "btn primary send", type: "submit", "aria-label": () => t("send"), "aria-disabled": "true" }, icon("send"));
  const counter = h("span", { class: "counter num", id: "rd-count" });
  // Files come by the button, by paste or by drop; the button is there for those who can hand something in.
  const files = (list) => {
    const some = [...(list ?? [])];
    if (some.length && !attach.hidden) wants.files(some);
    return some.length > 0 && !attach.hidden;
  };
  const picker = h("input", { type: "file", accept: "image/jpeg,image/png,application/pdf", multiple: true, hidden: true, on: { change: () => (files(picker.files), (picker.value = ""), input.focus()) } });
  const attach = h("button", { class: "btn icon-only attach", type: "button", "aria-label": () => t("attach"), title: () => t("attach"), hidden: true, on: { click: () => picker.click() } }, icon("clip"));
  const form = h("form", { class: "composer" }, attach, picker, input, button);
  input.addEventListener("paste", (event) => files(event.clipboardData?.files) && event.preventDefault());
  form.addEventListener("dragover", (event) => !attach.hidden && event.preventDefault());
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    files(event.dataTransfer?.files);
  });
  const typing = typist(wants.typing);

  const left = () => MAX_CHARS - [...input.value].length;
  const fit = () => {
    input.style.height = "auto";
    input.style.height = `${Math.min(input.scrollHeight + 2, 140)}px`;
    const rest = left();
    word(counter, "text", () => (rest < 0 ? t("too_long", { n: -rest }) : rest < COUNT_FROM ? t("chars_left", { n: rest }) : ""));
    counter.classList.toggle("bad", rest < 0);
    setAttr(input, "aria-invalid", rest < 0 ? "true" : null);
    setAttr(button, "aria-disabled", rest < 0 || !input.value.trim() ? "true" : null);
  };
  const typed = () => {
    fit();
    typing.typed(input.value);
  };
  const submit = () => {
    const text = input.value.trim();
    if (!text || left() < 0) return;
    typing.sent();
    input.value = "";
    fit();
    wants.send(text);
    input.focus();
  };
  input.addEventListener("input", typed);
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  return {
    form,
    counter,
    /** Whether files can be handed in. */
    attachable(on) {
      attach.hidden = !on;
    },
    focus: () => input.focus({ preventScroll: true }),
    draft(text) {
      input.value = String(text ?? "");
      fit();
    },
  };
}
