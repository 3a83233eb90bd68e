// A message tried out: how it is read and why, what the customer would get, and keeping it as an example or a test.

import { h } from "../lib/dom.js";
import { money, t } from "../lib/i18n.js";
import { markdown } from "../lib/markdown.js";
import { ask } from "./api.js";
import { coded } from "./problems.js";
import { savedText, showProposal } from "./proposal.js";

const percent = (share) => `${Math.round(share * 100)}\u00a0%`;

/** What words were read as, where that is not what they say. */
function meant(value, text) {
  const said = value?.minor === undefined ? String(value) : value.currency ? money(value.minor, value.currency) : String(value.minor);
  return said === text ? "" : ` = ${said}`;
}

/** Facts as a list of names and values; those without a value are left out. */
function facts(rows) {
  const shown = rows.filter(([, value]) => value && (!Array.isArray(value) || value.length));
  return h("dl", { class: "facts" }, ...shown.map(([name, value]) => h("div", {}, h("dt", { text: name }), h("dd", {}, ...[value].flat()))));
}

export class Playground {
  /** @param {{say: (text: string) => void}} page */
  constructor(page) {
    this.page = page;
    this.text = h("textarea", { class: "field", id: "message", rows: 3, maxlength: 4000, required: true, "aria-describedby": "try-problem" });
    this.customer = h("select", { class: "field", id: "customer", on: { change: () => this.#customer() } });
    this.level = h("select", { class: "field", id: "level" }, h("option", { value: "1", text: t("level_1") }), h("option", { value: "2", text: t("level_2") }));
    this.language = h("select", { class: "field", id: "language" });
    this.market = h("select", { class: "field", id: "market" });
    this.problem = h("p", { class: "problem", id: "try-problem", role: "alert" });
    this.send = h("button", { type: "submit", class: "btn primary", text: t("try_it") });
    const form = h(
      "form",
      { class: "box try-form", on: { submit: (event) => (event.preventDefault(), this.#try()) } },
      h("label", { for: "message", text: t("message") }),
      this.text,
      h("div", { class: "pairs" }, ...[["customer", this.customer], ["level", this.level], ["language", this.language], ["market", this.market]].map(([name, field]) => h("div", {}, h("label", { for: name, text: t(`as_${name}`) }), field))),
      h("div", { class: "acts" }, this.send, h("span", { class: "hint", text: t("dry_run") })),
      this.problem,
    );
    this.text.addEventListener("keydown", (event) => (event.ctrlKey || event.metaKey) && event.key === "Enter" && (event.preventDefault(), form.requestSubmit()));
    this.result = h("div", { class: "halves", "aria-live": "polite" });
    this.node = h("div", { class: "view" }, h("h2", { class: "title", tabindex: "-1", text: t("try_title") }), form, this.result);
  }

  async open() {
    if (this.speakers) return;
    try {
      this.speakers = await ask("/api/ops/speakers");
    } catch (error) {
      this.problem.textContent = error.message;
      return;
    }
    const { personas, markets, languages } = this.speakers;
    const option = (value, text) => h("option", { value, text });
    this.customer.append(option("", t("anonymous")), ...personas.map(({ id, name, story }) => option(id, `${id} · ${name}: ${story}`)));
    this.language.append(option("", t("usual")), ...languages.map((code) => option(code, t(`language_${code}`))));
    this.market.append(option("", t("usual")), ...markets.map((code) => option(code, code)));
    this.#customer();
  }

  #customer() {
    const is = this.customer.value !== "";
    this.level.disabled = !is;
    this.market.disabled = is;
  }

  async #try() {
    if (this.send.getAttribute("aria-disabled")) return;
    this.problem.textContent = "";
    const given = { text: this.text.value, language: this.language.value, market: this.market.disabled ? "" : this.market.value, customer: this.customer.value };
    const body = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ""));
    if (given.customer) body.level = Number(this.level.value);
    this.send.setAttribute("aria-disabled", "true");
    try {
      const told = await ask("/api/ops/try", { body: { text: "", ...body } });
      this.result.replaceChildren(this.#reading(told), h("div", { class: "stack" }, this.#reply(told.reply), this.#keep(told, body)));
    } catch (error) {
      this.result.replaceChildren();
      this.problem.textContent = error.message;
    }
    this.send.removeAttribute("aria-disabled");
  }

  #title(intent) {
    return this.speakers?.intents.find((one) => one.intent === intent)?.title ?? intent;
  }

  #reading(told) {
    const names = told.among.map((intent) => h("code", { text: intent }));
    const urgent = told.safety && h("p", { class: "urgent" }, h("span", { class: "tag bad", text: t("urgent") }), " ", h("code", { text: told.safety.intent }));
    const guess = ({ intent, confidence }) => {
      const bar = h("span", { class: "bar", "aria-hidden": "true" }, h("span", { class: "fill" }));
      bar.firstChild.style.inlineSize = `${confidence * 100}%`;
      return h("li", {}, h("span", { class: "intent" }, h("code", { text: intent }), h("span", { class: "hint", text: this.#title(intent) })), bar, h("span", { class: "num", text: percent(confidence) }));
    };
    const entity = ({ type, text, value }) => h("span", { class: "tag", text: `${t(`entity_${type}`)}: ${text}${meant(value, text)}` });
    const words = [...new Map(told.words.filter(([name]) => !name.includes("_")).map(([name, weight]) => [name.replace("~", ""), weight]))].slice(0, 8);
    const rows = [
      [t("decided_by"), words.map(([name, weight]) => h("span", { class: `tag ${weight > 0 ? "ok" : "bad"}`, text: `${weight > 0 ? "+" : "−"} ${name}` }))],
      [t("nearest"), told.nearest && [h("q", { text: told.nearest.text }), ` (${told.nearest.intent ?? t("small_talk")}, ${told.nearest.cosine.toFixed(2)})`]],
      [t("patterns"), told.patterns.join(", ")],
      [t("entities"), told.entities.map(entity)],
      [t("further"), told.also.join(", ")],
      [t("talk_acts"), told.acts.join(", ")],
      [t("read_language"), told.language === "und" ? t("not_clear") : told.language],
      [t("repaired"), told.read_as !== told.text.toLowerCase() && told.read_as],
      [t("unknown_words"), told.unknown_words.join(", ")],
      [t("articles"), told.passages.slice(0, 2).map(({ article, section }) => h("a", { class: "line", href: `#file/knowledge/${article}.md`, text: section ? `${article}: ${section}` : article }))],
      [t("encoder"), t(told.encoder_asked ? "encoder_asked" : "encoder_not_asked")],
      [t("time"), told.micros < 1000 ? `${told.micros} µs` : `${(told.micros / 1000).toFixed(1)} ms`],
    ];
    return h(
      "section",
      { class: "box", "aria-labelledby": "reading-title" },
      h("h3", { id: "reading-title", text: t("reading") }),
      urgent,
      h("p", { class: `decision ${told.decision}` }, t(`decision_${told.decision}`), " ", ...names.flatMap((name, at) => (at ? [` ${t("or")} `, name] : [name]))),
      h("p", {}, ...coded(told.why)),
      h("ol", { class: "guesses" }, ...told.intents.map(guess)),
      facts(rows),
    );
  }

  #reply(reply) {
    const rows = reply?.rows ?? [];
    const row = ({ kind, data }) => {
      if (kind === "message") return h("div", { class: "bubble" }, h("span", { class: "tag ai", text: t("assistant") }), h("div", { class: "md", lang: data.locale }, markdown(data.text)));
      if (kind === "choices") return h("ul", { class: "choices" }, ...data.options.map(({ label }) => h("li", { class: "tag", text: label })));
      if (kind === "card") return h("div", { class: "bubble" }, h("strong", { text: data.title }), facts(data.fields.map(({ label, value }) => [label, value])));
      return h("p", { class: "hint", text: t("closed") });
    };
    const over = reply?.hand_over;
    return h(
      "section",
      { class: "box", "aria-labelledby": "reply-title" },
      h("h3", { id: "reply-title", text: t("reply") }),
      ...rows.map(row),
      over && h("p", {}, h("span", { class: "tag warn", text: t("to_person") }), " ", t("hand_over", { queue: over.queue, reason: over.reason.replaceAll("_", " ") })),
      !rows.length && !over && h("p", { class: "hint", text: t("no_reply") }),
      facts([[t("path"), reply?.path?.length && h("code", { text: reply.path.join(" → ") })], [t("rule"), reply?.rule]]),
    );
  }

  #keep(told, body) {
    const guessed = told.safety?.intent ?? told.among[0] ?? told.intents[0]?.intent ?? "";
    const intent = h("select", { class: "field", id: "keep-intent" }, ...this.speakers.intents.map((one) => h("option", { value: one.intent, text: `${one.intent}: ${one.title}`, selected: one.intent === guessed })));
    const problem = h("p", { class: "problem", role: "alert" });
    const keep = (kind) => async () => {
      problem.textContent = "";
      const language = body.language ?? (told.language === "und" ? "en" : told.language);
      const wanted = { intent: intent.value, text: body.text, ...(kind === "example" ? { language } : { customer: body.customer, level: body.level, language: body.language }) };
      try {
        await propose(this.page, `/api/ops/${kind}`, wanted);
      } catch (error) {
        problem.textContent = error.message;
      }
    };
    return h(
      "section",
      { class: "box", "aria-labelledby": "keep-title" },
      h("h3", { id: "keep-title", text: t("keep") }),
      h("label", { for: "keep-intent", text: t("of_intent") }),
      intent,
      h("div", { class: "acts" }, h("button", { type: "button", class: "btn", text: t("as_example"), on: { click: keep("example") } }), h("button", { type: "button", class: "btn", text: t("as_test"), on: { click: keep("test") } })),
      problem,
    );
  }
}

/** Asks for a file with something put in, shows its lines, and saves it when the person says so; true when it was saved. */
export async function propose(page, path, wanted) {
  const proposal = await ask(path, { body: wanted });
  const fails = proposal.differences?.length;
  const remarks = [
    proposal.differences && h("p", { class: fails ? "warned" : "fine", text: t(fails ? "test_fails" : "test_passes") }),
    fails > 0 && h("ul", { class: "plain-list" }, ...proposal.differences.map((text) => h("li", { text }))),
  ];
  const saved = await showProposal(proposal, remarks);
  if (saved) page.say(savedText(saved, proposal.path));
  return Boolean(saved);
}
