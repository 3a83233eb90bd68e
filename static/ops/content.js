// The content: what is in force, why an edit was refused, and every file with its state.

import { h, keyed, setAttr, setText } from "../lib/dom.js";
import { clockTime, momentText, t } from "../lib/i18n.js";
import { fileHash, problemList } from "./problems.js";

const KINDS = ["intent", "wording", "prompt", "article", "reply", "market", "teams"];
const TAGS = { live: "ok", built_in: "", refused: "bad", waits: "warn", restart: "warn" };

/** "12.4 kB" */
const size = (bytes) => `${new Intl.NumberFormat("en", { maximumFractionDigits: 1 }).format(bytes / 1000)} kB`;

/** The time of a moment, with its day when that is another one. */
export const when = (at) => (new Date(at).toDateString() === new Date().toDateString() ? clockTime(at) : momentText(at));

export class Content {
  constructor() {
    this.status = h("div", { class: "status" });
    this.refused = h("section", { class: "box refused", "aria-labelledby": "refused-title", hidden: true });
    this.filter = h("input", { class: "field", id: "filter", type: "search", autocomplete: "off", placeholder: t("filter_hint"), on: { input: () => this.#files() } });
    this.only = h("select", { class: "field", id: "only", on: { change: () => this.#files() } }, ...["all", "attention", ...KINDS].map((kind) => h("option", { value: kind, text: t(`only_${kind}`) })));
    this.count = h("p", { class: "hint num", role: "status" });
    this.list = h("ul", { class: "files" });
    this.warnings = h("details", { class: "box" }, h("summary", {}), h("div", {}));
    this.node = h(
      "div",
      { class: "view" },
      h("h2", { class: "title", tabindex: "-1", text: t("content") }),
      this.status,
      this.refused,
      h(
        "section",
        { class: "box", "aria-labelledby": "files-title" },
        h("h3", { id: "files-title", text: t("files") }),
        h("div", { class: "filters" }, h("label", { for: "filter", text: t("filter") }), this.filter, h("label", { for: "only", text: t("show") }), this.only),
        this.count,
        this.list,
      ),
      this.warnings,
    );
  }

  /** Draws a new report. */
  draw(report) {
    this.report = report;
    const state = report.learning ? h("span", { class: "tag accent", text: t("learning") }) : report.rejected ? h("span", { class: "tag bad", text: t("edit_refused") }) : h("span", { class: "tag ok", text: t("live") });
    this.status.replaceChildren(
      state,
      h("span", {}, t("version"), " ", h("code", { class: "num", title: report.digest, text: report.digest.slice(0, 12) })),
      h("span", { class: "num", text: t("since", { at: when(report.live_since) }) }),
      h("span", { class: "num", text: t("intents_n", { n: report.intents }) }),
      h("span", { class: "hint", text: report.folder === null ? t("in_binary") : t("in_folder", { folder: report.folder }) }),
    );
    this.#refused(report.rejected);
    this.#files();
    this.warnings.hidden = report.warnings.length === 0;
    setText(this.warnings.firstElementChild, t("warnings_n", { n: report.warnings.length }));
    const key = JSON.stringify(report.warnings);
    if (this.warned !== key) this.warnings.lastElementChild.replaceChildren(problemList(report.warnings));
    this.warned = key;
  }

  #refused(rejected) {
    this.refused.hidden = !rejected;
    const key = JSON.stringify(rejected);
    if (this.told === key) return;
    this.told = key;
    if (!rejected) return this.refused.replaceChildren();
    this.refused.replaceChildren(
      h("h3", { id: "refused-title", text: t("refused_title", { at: when(rejected.at) }) }),
      h("p", { text: t("old_answers") }),
      problemList(rejected.problems),
      h("p", { class: "hint" }, t("edited_files"), " ", ...rejected.edited.flatMap((path, at) => [at ? ", " : "", h("a", { href: fileHash(path), text: path })])),
    );
  }

  #files() {
    if (!this.report) return;
    const wanted = this.filter.value.trim().toLowerCase();
    const only = this.only.value;
    const fits = (file) =>
      (only === "all" || file.kind === only || (only === "attention" && (file.warnings > 0 || !["live", "built_in"].includes(file.state)))) &&
      (!wanted || `${file.path} ${file.title ?? ""}`.toLowerCase().includes(wanted));
    const files = this.report.files.filter(fits);
    setText(this.count, t("files_n", { n: files.length, all: this.report.files.length }));
    keyed(this.list, files, (file) => file.path, row, update);
  }
}

function row(file) {
  const parts = {
    link: h("a", { class: "path", href: fileHash(file.path), text: file.path }),
    title: h("span", { class: "name" }),
    state: h("span", {}),
    languages: h("span", { class: "num" }),
    more: h("span", { class: "num" }),
    loaded: h("span", { class: "num" }),
  };
  const node = h("li", { class: "file" }, h("span", { class: "what" }, parts.link, parts.title), parts.state, parts.languages, parts.more, parts.loaded);
  node.parts = parts;
  return node;
}

function update(node, file) {
  const { title, state, languages, more, loaded } = node.parts;
  setText(title, file.title ?? t(`kind_${file.kind}`));
  setAttr(state, "class", `tag ${file.state === "live" && file.warnings ? "warn" : TAGS[file.state]}`);
  setText(state, file.state === "live" && file.warnings ? t("live_warned", { n: file.warnings }) : t(`state_${file.state}`));
  const spoken = Object.entries(file.languages);
  const list = spoken.map(([language, n]) => (file.examples === null ? language : `${language} ${n}`)).join(" · ");
  setText(languages, file.examples === null ? list : t("examples_in", { list: list || 0 }));
  const told = [file.tests !== null && t("tests_n", { n: file.tests }), file.bytes > 0 && size(file.bytes)];
  setText(more, told.filter(Boolean).join(", "));
  setText(loaded, file.loaded_at ? t("loaded", { at: when(file.loaded_at) }) : file.state === "built_in" ? "" : t("never_live"));
}
