// A text with line numbers, and a file of the content in it: what an edit does is looked at before it is saved.

import { h, setText } from "../lib/dom.js";
import { t } from "../lib/i18n.js";
import { ask } from "./api.js";
import { changeList, problemList } from "./problems.js";
import { savedText, showProposal } from "./proposal.js";

const LOOK_MS = 400;

/** A text area with line numbers beside it. */
export class TextPane {
  constructor(id, label, { changed, go }) {
    this.numbers = h("pre", { class: "numbers num", "aria-hidden": "true" });
    const key = (event) => (event.ctrlKey || event.metaKey) && event.key === "Enter" && (event.preventDefault(), go());
    this.area = h("textarea", { id, class: "text", wrap: "off", spellcheck: "false", autocapitalize: "off", autocomplete: "off", on: { input: () => (this.#count(), changed()), scroll: () => (this.numbers.scrollTop = this.area.scrollTop), keydown: key } });
    this.node = h("div", { class: "pane" }, h("label", { class: "sr", for: id, text: label }), this.numbers, this.area);
  }

  get text() {
    return this.area.value;
  }

  set text(text) {
    this.area.value = text;
    this.#count();
  }

  /** Puts the cursor on a line and shows it. */
  line(number) {
    const lines = this.text.split("\n");
    const from = lines.slice(0, number - 1).reduce((sum, line) => sum + line.length + 1, 0);
    this.area.focus();
    this.area.setSelectionRange(from, from + (lines[number - 1]?.length ?? 0));
    const height = this.area.scrollHeight / Math.max(lines.length, 1);
    this.area.scrollTop = Math.max(0, (number - 4) * height);
    this.area.scrollLeft = 0;
  }

  #count() {
    const lines = this.text.split("\n").length;
    if (lines === this.lines) return;
    this.lines = lines;
    this.numbers.textContent = Array.from({ length: lines }, (_, at) => at + 1).join("\n");
  }
}

/** Texts that were begun and not saved, by path, with the file that they began from. */
const drafts = new Map();

/** Whether a file has one. */
export const hasDraft = () => [...drafts.values()].some(({ text, file }) => text !== file.text);

export class Editor {
  /** @param {{say: (text: string) => void}} page */
  constructor(page) {
    this.page = page;
    this.title = h("h2", { class: "title", tabindex: "-1" });
    this.state = h("p", { class: "hint", role: "status" });
    this.pane = new TextPane("file-text", t("file_text"), { changed: () => this.#changed(), go: () => this.check() });
    this.checkButton = h("button", { type: "button", class: "btn primary", text: t("check"), "aria-keyshortcuts": "Control+Enter", on: { click: () => this.check() } });
    this.stopButton = h("button", { type: "button", class: "btn", hidden: true, text: t("stop"), on: { click: () => this.stop() } });
    this.saveButton = h("button", { type: "button", class: "btn", text: t("save"), on: { click: () => this.save() } });
    this.undoButton = h("button", { type: "button", class: "btn quiet", text: t("undo_all"), on: { click: () => this.#load(this.path) } });
    this.progress = h("p", { class: "progress", role: "status" });
    this.result = h("div", { class: "result", "aria-live": "polite" });
    this.node = h(
      "div",
      { class: "view" },
      h("p", {}, h("a", { href: "#content", text: t("back_to_content") })),
      this.title,
      this.state,
      h(
        "div",
        { class: "halves" },
        h("div", { class: "box" }, this.pane.node, h("div", { class: "acts" }, this.checkButton, this.stopButton, this.saveButton, this.undoButton)),
        h("section", { class: "box", "aria-labelledby": "does-title" }, h("h3", { id: "does-title", text: t("what_it_does") }), this.progress, this.result),
      ),
    );
  }

  /** Opens a file, at a line if one is named; what was begun is still there. */
  async open(path, line) {
    if (this.path !== path) {
      this.path = path;
      setText(this.title, path);
      this.result.replaceChildren(h("p", { class: "hint", text: t("check_hint") }));
    }
    const draft = drafts.get(path);
    if (draft) this.#show(draft.file, draft.text);
    else await this.#load(path);
    if (line && this.file) this.pane.line(line);
  }

  async #load(path) {
    drafts.delete(path);
    this.file = null;
    try {
      const file = await ask(`/api/ops/file?path=${encodeURIComponent(path)}`);
      // Another one may have been opened meanwhile.
      if (this.path === path) this.#show(file);
    } catch (error) {
      this.pane.text = "";
      setText(this.state, error.message);
    }
  }

  #show(file, text = file.text) {
    this.file = file;
    if (text !== this.pane.text) this.pane.text = text;
    this.saveButton.textContent = t(file.editable ? "save" : "show_diff");
    this.#changed();
  }

  #changed() {
    if (!this.file) return;
    const { text } = this.pane;
    const isChanged = text !== this.file.text;
    if (isChanged) drafts.set(this.path, { text, file: this.file });
    else drafts.delete(this.path);
    this.undoButton.hidden = !isChanged;
    setText(this.state, isChanged ? t("unsaved") : this.file.base === null ? t("from_binary") : t("as_in_folder"));
  }

  /** Has the server look at what the text would do, and shows how far it is. */
  async check() {
    if (!this.file || this.trial) return;
    this.result.replaceChildren();
    try {
      let trial = await ask("/api/ops/trials", { body: { path: this.path, text: this.pane.text } });
      this.trial = trial.id;
      this.#busy(true);
      while (!["done", "given_up"].includes(trial.state)) {
        setText(this.progress, t(`trial_${trial.state}`));
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
        trial = await ask(`/api/ops/trials/${trial.id}`);
      }
      // Another file may be open by now.
      if (trial.path === this.path) this.#tell(trial);
    } catch (error) {
      this.result.replaceChildren(h("p", { class: "problem", text: error.message }));
    }
    this.trial = null;
    setText(this.progress, "");
    this.#busy(false);
  }

  stop() {
    if (this.trial) ask(`/api/ops/trials/${this.trial}`, { method: "DELETE" }).catch(() => {});
  }

  #busy(on) {
    const held = this.stopButton === document.activeElement || this.checkButton === document.activeElement;
    this.stopButton.hidden = !on;
    this.checkButton.hidden = on;
    if (held) (on ? this.stopButton : this.checkButton).focus();
  }

  #tell(trial) {
    if (trial.state === "given_up") return this.result.replaceChildren(h("p", { text: trial.why }));
    const own = trial.problems.filter((problem) => problem.file === trial.path || problem.severity === "error");
    const others = trial.problems.length - own.length;
    const go = (problem, event) => problem.file === this.path && problem.line && (event.preventDefault(), this.pane.line(problem.line));
    this.result.replaceChildren(
      ...[
        h("p", { class: trial.refused ? "problem" : "fine", text: trial.refused ? t("would_be_refused") : own.length ? t("would_run_warned") : t("would_run") }),
        own.length > 0 && problemList(own, go),
        others > 0 && h("p", { class: "hint", text: t("others_n", { n: others }) }),
        !trial.refused && h("h4", { text: t("what_changes") }),
        !trial.refused && changeList(trial.changes),
        trial.notes.length > 0 && h("h4", { text: t("notes") }),
        trial.notes.length > 0 && problemList(trial.notes, go),
        h("p", { class: "hint num", text: t("took", { seconds: (trial.ms / 1000).toFixed(1) }) }),
      ].filter(Boolean),
    );
  }

  /** Shows the lines that change, and saves them when the person says so. */
  async save() {
    if (!this.file) return;
    try {
      const proposal = await ask("/api/ops/diff", { body: { path: this.path, text: this.pane.text } });
      const moved = proposal.base !== this.file.base;
      const saved = await showProposal(proposal, [moved && h("p", { class: "problem", text: t("changed_meanwhile") })]);
      if (!saved) return;
      const text = savedText(saved, this.path);
      await this.#load(this.path);
      this.page.say(text);
    } catch (error) {
      this.result.replaceChildren(h("p", { class: "problem", text: error.message }));
    }
  }
}
