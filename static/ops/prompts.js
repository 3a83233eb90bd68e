// What a language model is told: each use's file with its variables, the sample that it is rendered with, and a try with the model.

import { h, setAttr, setText } from "../lib/dom.js";
import { t } from "../lib/i18n.js";
import { ask } from "./api.js";
import { TextPane } from "./editor.js";
import { coded, problemList } from "./problems.js";
import { savedText, showProposal } from "./proposal.js";

const USES = ["second_opinion", "answer", "summary", "draft", "polish", "translate", "slot"];

export class PromptView {
  /** @param {{say: (text: string) => void}} page */
  constructor(page) {
    this.page = page;
    this.texts = new Map();
    this.links = USES.map((use) => h("a", { class: "btn", href: `#prompts/${use}`, text: t(`use_${use}`) }));
    this.about = h("p", { class: "hint" });
    this.state = h("p", { class: "hint", role: "status" });
    this.pane = new TextPane("prompt-text", t("prompt_text"), { changed: () => this.#changed(), go: () => this.render() });
    this.save = h("button", { type: "button", class: "btn", text: t("save"), on: { click: () => this.#save() } });
    this.try = h("button", { type: "button", class: "btn", text: t("try_model"), on: { click: () => this.#try() } });
    this.noModel = h("p", { class: "hint" });
    this.variables = h("dl", { class: "facts" });
    this.rendered = h("div", { class: "stack", "aria-live": "polite" });
    this.answer = h("div", { class: "stack", "aria-live": "polite" });
    this.node = h(
      "div",
      { class: "view" },
      h("h2", { class: "title", tabindex: "-1", text: t("prompts") }),
      h("nav", { class: "acts", "aria-label": t("uses") }, ...this.links),
      this.about,
      h(
        "div",
        { class: "halves" },
        h(
          "section",
          { class: "box", "aria-labelledby": "prompt-title" },
          (this.title = h("h3", { id: "prompt-title" })),
          this.state,
          this.pane.node,
          h("div", { class: "acts" }, h("button", { type: "button", class: "btn primary", text: t("check_render"), on: { click: () => this.render() } }), this.save, this.try),
          this.noModel,
          h("h4", { text: t("variables") }),
          this.variables,
        ),
        h("div", { class: "stack" }, h("section", { class: "box", "aria-labelledby": "sample-title" }, h("h3", { id: "sample-title", text: t("sample") }), this.rendered), this.answer),
      ),
    );
  }

  async open(use = USES[0]) {
    this.use = USES.includes(use) ? use : USES[0];
    for (const [at, link] of this.links.entries()) setAttr(link, "aria-current", USES[at] === this.use && "page");
    try {
      this.report ??= await ask("/api/ops/prompts");
    } catch (error) {
      return setText(this.state, error.message);
    }
    this.#show();
  }

  get #its() {
    return this.report.uses.find((one) => one.use === this.use);
  }

  #show() {
    const its = this.#its;
    const { model } = this.report;
    setText(this.title, its.file.path);
    setText(this.about, t(`about_${this.use}`));
    this.pane.text = this.texts.get(this.use) ?? its.file.text;
    this.save.textContent = t(its.file.editable ? "save" : "show_diff");
    this.variables.replaceChildren(...its.variables.map(({ name, holds }) => h("div", {}, h("dt", {}, h("code", { text: name })), h("dd", {}, h("span", {}, ...coded(holds))))));
    const isOn = model?.uses.includes(this.use);
    this.try.hidden = !isOn;
    this.noModel.hidden = isOn;
    setText(this.noModel, t(model ? "use_off" : "no_model"));
    this.answer.replaceChildren();
    this.#rendered(its.rendered);
    this.#changed();
  }

  #changed() {
    const { text } = this.pane;
    const its = this.#its;
    if (text === its.file.text) this.texts.delete(this.use);
    else this.texts.set(this.use, text);
    setText(this.state, text !== its.file.text ? t("unsaved") : its.file.base === null ? t("from_binary") : t("as_in_folder"));
  }

  #rendered({ system, user, problems }) {
    const go = (problem, event) => problem.line && (event.preventDefault(), this.pane.line(problem.line));
    this.rendered.replaceChildren(
      ...[
        problems.length > 0 ? problemList(problems, go) : h("p", { class: "fine", text: t("prompt_fine") }),
        system !== null && h("h4", { text: t("told") }),
        system !== null && h("pre", { class: "sample", text: system }),
        user !== null && h("h4", { text: t("given") }),
        user !== null && h("pre", { class: "sample", text: user }),
      ].filter(Boolean),
    );
  }

  async render() {
    try {
      this.#rendered(await ask(`/api/ops/prompts/${this.use}`, { body: { text: this.pane.text } }));
    } catch (error) {
      this.rendered.replaceChildren(h("p", { class: "problem", text: error.message }));
    }
  }

  async #try() {
    if (this.try.getAttribute("aria-disabled")) return;
    this.try.setAttribute("aria-disabled", "true");
    this.answer.replaceChildren(h("p", { class: "progress", text: t("asking") }));
    const box = (...children) => h("section", { class: "box", "aria-labelledby": "answer-title" }, h("h3", { id: "answer-title" }, h("span", { class: "tag ai", text: t("by_model") }), " ", t("answer_title")), ...children.filter(Boolean));
    try {
      const tried = await ask(`/api/ops/prompts/${this.use}/try`, { body: { text: this.pane.text } });
      this.answer.replaceChildren(
        box(
          tried.failure && h("p", { class: "problem", text: t("model_failed", { why: tried.failure }) }),
          tried.answer && h("pre", { class: "sample", text: JSON.stringify(tried.answer, null, 2) }),
          tried.answer && h("h4", { text: t("leash") }),
          ...tried.leash.map((text) => h("p", {}, ...coded(text))),
          tried.shown && h("blockquote", { class: "plain", text: tried.shown }),
          h("p", { class: "hint num", text: t("cost", { in: tried.tokens_in, out: tried.tokens_out, ms: tried.ms }) }),
        ),
      );
    } catch (error) {
      this.answer.replaceChildren(box(h("p", { class: "problem", text: error.message })));
    }
    this.try.removeAttribute("aria-disabled");
  }

  async #save() {
    const { path, base } = this.#its.file;
    try {
      const proposal = await ask("/api/ops/diff", { body: { path, text: this.pane.text } });
      const saved = await showProposal(proposal, [proposal.base !== base && h("p", { class: "problem", text: t("changed_meanwhile") })]);
      if (!saved) return;
      this.texts.delete(this.use);
      this.report = null;
      await this.open(this.use);
      this.page.say(savedText(saved, path));
    } catch (error) {
      this.rendered.replaceChildren(h("p", { class: "problem", text: error.message }));
    }
  }
}
