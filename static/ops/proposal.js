// What saving would change in a file, line by line, shown before anything is saved.

import { h } from "../lib/dom.js";
import { t } from "../lib/i18n.js";
import { ask } from "./api.js";
import { problemList } from "./problems.js";

const MARKS = { same: " ", added: "+", removed: "−" };

/** The hunks of a file as lines with numbers. */
export function diffView(hunks) {
  const line = ({ what, old, new: now, text }) =>
    h(
      "div",
      { class: `line ${what}` },
      h("span", { class: "no num", "aria-hidden": "true", text: now ?? old }),
      h("span", { class: "mark", "aria-hidden": "true", text: MARKS[what] }),
      what !== "same" && h("span", { class: "sr", text: t(what) }),
      h("span", { class: "code", text: text || "\u200b" }),
    );
  return h("div", { class: "diff", role: "group", "aria-label": t("diff") }, ...hunks.flatMap((hunk, at) => [at > 0 && h("div", { class: "gap", "aria-hidden": "true", text: "⋯" }), ...hunk.map(line)].filter(Boolean)));
}

/**
 * Shows a proposal, and saves it when asked to. Resolves with the server's answer, or null when it was not saved.
 * @param {any} proposal what `/api/ops/diff`, `example` or `test` answered
 * @param {(Node|false)[]} [remarks] what stands above the lines
 */
export function showProposal(proposal, remarks = []) {
  const before = document.activeElement;
  let saved = null;
  const told = h("div", { class: "told", role: "alert" });
  const save = h("button", { type: "button", class: "btn primary", text: t("save_to_file"), on: { click: () => store() } });
  const copy = h("button", { type: "button", class: proposal.editable ? "btn" : "btn primary", text: t("copy_file"), on: { click: () => copied() } });
  const store = async () => {
    if (save.getAttribute("aria-disabled")) return;
    save.setAttribute("aria-disabled", "true");
    save.textContent = t("saving");
    told.replaceChildren();
    try {
      saved = await ask("/api/ops/file", { method: "PUT", body: { path: proposal.path, base: proposal.base, text: proposal.text } });
      dialog.close();
    } catch (error) {
      told.replaceChildren(h("p", { class: "problem", text: error.message }), error.problems.length ? problemList(error.problems, () => dialog.close()) : "");
    }
    save.removeAttribute("aria-disabled");
    save.textContent = t("save_to_file");
  };
  const copied = async () => {
    try {
      await navigator.clipboard.writeText(proposal.text);
      told.replaceChildren(h("p", { class: "fine", text: t("copied") }));
    } catch {
      told.replaceChildren(h("p", { class: "problem", text: t("not_copied") }));
    }
  };
  const same = proposal.diff.length === 0;
  const dialog = h(
    "dialog",
    { class: "dialog", "aria-labelledby": "proposal-title" },
    h("h2", { id: "proposal-title", text: t(same ? "nothing_changed" : "will_change", { path: proposal.path }) }),
    ...remarks.filter(Boolean),
    same ? h("p", { class: "hint", text: t("same_as_file") }) : diffView(proposal.diff),
    !proposal.editable && h("p", { class: "hint", text: t("not_a_folder") }),
    told,
    h("div", { class: "acts" }, proposal.editable && !same && save, !same && copy, h("button", { type: "button", class: "btn", text: t(same ? "close" : "cancel"), on: { click: () => dialog.close() } })),
  );
  document.body.append(dialog);
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (before?.isConnected) before.focus();
      resolve(saved);
    });
    dialog.showModal();
  });
}

/** What became of a save, in a sentence. */
export const savedText = (saved, path) => t(saved.state === "live" ? "saved_live" : "saved_waits", { path });
