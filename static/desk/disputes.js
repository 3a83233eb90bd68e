// Disputes that wait for a person: the list, the case with both sides, and the decision with its reason.

import { h, setText } from "../lib/dom.js";
import { clockTime, dayText, money, t } from "../lib/i18n.js";
import { askForm } from "./dialogs.js";
import { facts, readable } from "./rows.js";
import { words } from "./texts.js";

const REASONS = ["goods_not_received", "service_not_provided", "faulty_or_not_as_described", "return_refund_missing", "incorrect_amount", "already_paid_elsewhere", "duplicate_charge", "subscription_cancelled", "unauthorised_purchase"];
const OUTCOMES = ["customer_won_full", "customer_won_partial", "merchant_won"];

/** Asks the server; rejects with its sentence. */
async function call(path, body) {
  const options = body ? { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) } : {};
  const answer = await fetch(`/api/desk/disputes${path}`, options).catch(() => null);
  if (!answer) throw new Error(t("not_sent"));
  const value = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(value.detail ?? t("not_sent"));
  return value;
}

const moment = (at) => `${dayText(at)}, ${clockTime(at)}`;
const section = (title, ...children) => h("section", { class: "part" }, h("h3", { text: title }), ...children);
const lines = (items) => h("ul", { class: "plain-list" }, ...items.map((text) => h("li", { class: "plain", dir: "auto", text })));
const nothing = () => h("p", { class: "hint", text: t("nothing_here") });

export class Disputes {
  /** @param {{told: (error: Error) => void, say: (text: string) => void}} wants */
  constructor(wants) {
    this.wants = wants;
    this.all = false;
    this.rows = [];
    this.shown = null;
    this.list = h("ul", { class: "list" });
    this.head = h("h2", { text: t("disputes_waiting") });
    this.every = h("input", { type: "checkbox", on: { change: () => ((this.all = this.every.checked), this.load()) } });
    this.case = h("div", { class: "case-body" });
    this.page = h("main", { class: "case", "aria-label": t("the_case"), tabindex: -1 }, this.case);
    this.node = h(
      "div",
      { class: "columns two", hidden: true },
      h("nav", { class: "queue", "aria-label": t("disputes") }, this.head, h("label", { class: "check every" }, this.every, t("disputes_all")), this.list),
      this.page,
    );
    this.case.append(h("p", { class: "none", text: t("pick_dispute") }));
  }

  /** Reads the list afresh; how many wait for a person is the answer. */
  async load() {
    try {
      this.rows = (await call(this.all ? "?all=true" : "")).disputes;
    } catch (error) {
      this.wants.told(error);
      return null;
    }
    setText(this.head, `${t(this.all ? "disputes_open" : "disputes_waiting")} (${this.rows.length})`);
    this.list.replaceChildren(...(this.rows.length ? this.rows.map((row) => this.#row(row)) : [h("li", { class: "empty", text: t("no_disputes") })]));
    return this.rows.length;
  }

  #row(row) {
    const due = row.due_at && t("due_on", { day: dayText(row.due_at) });
    return h(
      "li",
      {},
      h(
        "button",
        { type: "button", class: "item", "aria-current": String(this.shown?.id === row.id), "data-id": row.id, on: { click: () => this.open(row.id) } },
        h("span", { class: "first" }, h("span", { class: "name", dir: "auto", text: `${row.customer_name}, ${row.merchant}` }), h("span", { class: "num", text: money(row.disputed_minor, row.currency) })),
        h("span", { text: words(row.reason) }),
        h("span", { class: "times num" }, h("span", { class: "tag", text: words(row.state) }), due),
      ),
    );
  }

  /** Shows a case, by id or number. */
  async open(id) {
    try {
      this.#show(await call(`/${encodeURIComponent(id)}`));
    } catch (error) {
      this.wants.told(error);
    }
    await this.load();
  }

  #show(value) {
    this.shown = value;
    this.case.replaceChildren(...caseParts(value, (step) => this.#step(value, step)));
    this.page.focus({ preventScroll: true });
    this.page.scrollTop = 0;
  }

  /** Asks for what a step needs, with what the customer would read, then does it. */
  async #step(value, step) {
    const given = await askForm(words(step.event), t("do_it"), stepFields(value, step));
    if (!given) return;
    try {
      const body = { event: step.event, state: value.state, ...given };
      if (body.refund_minor !== undefined) body.refund_minor = Math.round(Number(String(body.refund_minor).replace(",", ".")) * 10 ** value.minor_digits);
      this.#show(await call(`/${encodeURIComponent(value.id)}`, body));
      this.wants.say(t("step_done", { step: words(step.event) }));
    } catch (error) {
      this.wants.told(error);
    }
    await this.load();
  }

  /** Files a claim that the chat may not: from the side panel of a conversation. */
  async file(customer, order) {
    const given = await askForm(t("file_dispute"), t("file_dispute"), (form) => [
      h("p", { class: "hint", text: t("file_hint", { order: order.ref }) }),
      form.select("reason", t("reason"), REASONS.map((reason) => [reason, words(reason)])),
      form.text("note", t("why_filed"), true),
    ]);
    if (!given) return;
    try {
      this.#show(await call("", { customer, order: order.id, ...given }));
      await this.load();
      return true;
    } catch (error) {
      this.wants.told(error);
    }
  }
}

/** The fields of a step: outcome, amount and reason depend on each other. */
function stepFields(value, step) {
  const needs = new Set(step.needs);
  return (form) => {
    const parts = [h("p", { class: "hint", text: step.meaning })];
    if (needs.has("outcome")) {
      const amount = form.number("refund_minor", t("part_amount", { most: money(value.disputed_minor, value.currency) }));
      const reads = h("p", { class: "reads plain", dir: "auto" });
      const reason = form.select("detail", t("reason_read"), []);
      const outcome = form.select("outcome", t("outcome"), OUTCOMES.map((one) => [one, t(one)]));
      const choice = (wrap) => wrap.querySelector("select");
      const adapt = () => {
        const now = choice(outcome).value;
        const fitting = value.details.filter((one) => one.outcomes.includes(now));
        const before = choice(reason).value;
        choice(reason).replaceChildren(...fitting.map((one) => h("option", { value: one.detail, text: words(one.detail) })));
        if (fitting.some((one) => one.detail === before)) choice(reason).value = before;
        amount.hidden = now !== "customer_won_partial";
        amount.querySelector("input").required = !amount.hidden;
        amount.querySelector("input").disabled = amount.hidden;
        read();
      };
      const read = () => setText(reads, t("customer_would_read", { text: value.details.find((one) => one.detail === choice(reason).value)?.text ?? "" }));
      choice(outcome).addEventListener("change", adapt);
      choice(reason).addEventListener("change", read);
      if (value.advice) {
        choice(outcome).value = value.advice.outcome;
        adapt();
        choice(reason).value = value.advice.detail;
        read();
      } else adapt();
      parts.push(outcome, amount, reason, reads);
    }
    if (needs.has("reason")) parts.push(form.select("reason", t("right_reason"), REASONS.filter((one) => one !== value.reason).map((one) => [one, words(one)])));
    if (needs.has("text")) parts.push(form.text("text", t(step.event === "need_info" ? "what_is_needed" : "why_step"), true));
    if (needs.has("text?")) parts.push(form.text("text", t("what_is_needed"), false));
    return parts;
  };
}

function caseParts(value, act) {
  const amount = (minor) => money(minor, value.currency);
  const waits = value.next_actor && value.due_at ? t("waits_for", { who: words(value.next_actor), day: moment(value.due_at) }) : null;
  const { customer_side: mine, store_side: theirs, order } = value;
  return [
    h(
      "header",
      { class: "case-head" },
      h("h2", { dir: "auto", text: `${value.public_no}: ${value.customer_name}, ${value.merchant}` }),
      h("div", { class: "tags" }, ...[words(value.state), words(value.reason), amount(value.disputed_minor), ...value.flags.map(words)].map((text) => h("span", { class: "tag", text }))),
      waits && h("p", { class: "hint", text: waits }),
    ),
    section(t("steps"), h("div", { class: "acts" }, ...(value.steps.length ? value.steps.map((step) => h("button", { type: "button", class: step.needs.includes("outcome") ? "btn primary" : "btn", title: step.meaning, text: words(step.event), on: { click: () => act(step) } })) : [nothing()]))),
    value.advice && section(t("advice"), h("p", {}, h("b", { text: t(value.advice.outcome) }), ` (${value.advice.text})`), lines(value.advice.because)),
    value.why_a_person && section(t("why_a_person"), h("p", { text: words(value.why_a_person) })),
    section(t("customer_reads"), h("p", { class: "reads plain", dir: "auto", text: value.customer_reads })),
    h(
      "div",
      { class: "sides" },
      section(
        t("customer_says"),
        facts([[t("problem"), mine.reason], [t("more_exactly"), mine.sub_reason && words(mine.sub_reason)], [t("store_contact"), mine.store_contact && words(mine.store_contact)], [t("note"), mine.note]].filter(([, text]) => text)),
        mine.answers.length > 0 && lines(mine.answers.map((one) => `${moment(one.at)}: ${one.text}`)),
        evidence(mine.evidence, value.id),
      ),
      section(t("store_says"), theirs.offer_minor ? h("p", { text: t("offers", { amount: amount(theirs.offer_minor) }) }) : null, evidence(theirs.evidence, value.id)),
    ),
    section(
      t("the_order"),
      facts([["Number", order.ref], [t("placed"), moment(order.placed_at)], [t("total"), amount(order.total_minor)], [t("ships_to"), order.ship_to && `${order.ship_to.city} ${order.ship_to.postcode}`], [t("refunded"), amount(value.refunded_minor)]].filter(([, text]) => text)),
      lines(order.lines.map((one) => `${one.qty} × ${one.name}, ${amount(one.total_minor)}`)),
      ...order.shipments.map((one) => parcel(one)),
      ...order.returns.map((one) => h("p", { text: `${t("return")}: ${words(one.status)}${one.delivered_at ? `, ${moment(one.delivered_at)}` : ""}` })),
      ...order.refunds.map((one) => h("p", { text: `${t("refund")}: ${amount(one.amount_minor)}, ${words(one.status)}, ${words(one.initiated_by)}` })),
    ),
    section(t("timeline"), h("ol", { class: "timeline" }, ...value.timeline.map(happened))),
  ].filter(Boolean);
}

function parcel(one) {
  const proof = one.proof_postcode ? `, ${t("proof", { postcode: one.proof_postcode })}` : "";
  return h(
    "div",
    { class: "parcel" },
    h("p", {}, h("b", { text: words(one.status) }), ` ${[one.carrier, one.tracking_no].filter(Boolean).join(" ")}${one.promised_on ? `, ${t("promised", { day: dayText(`${one.promised_on}T12:00:00Z`) })}` : ""}${proof}`),
    lines(one.events.map((scan) => `${moment(scan.occurred_at)}: ${words(scan.code)}${scan.city ? `, ${scan.city}` : ""}`)),
  );
}

/** A file: its name is only text, and it opens in a sandbox of its own. */
const fileLink = (one, dispute) => h("a", { class: "file", href: `/api/desk/disputes/${encodeURIComponent(dispute)}/evidence/${one.file}`, target: "_blank", rel: "noopener noreferrer", text: ` ${one.name} (${Math.max(1, Math.round(one.size / 1024))} kB)` });

function evidence(items, dispute) {
  if (!items.length) return nothing();
  return h("ul", { class: "plain-list" }, ...items.map((one) => h("li", { class: "plain", dir: "auto" }, [one.submitted_at && moment(one.submitted_at), words(one.type ?? one.name), one.note].filter(Boolean).join(": "), one.file ? fileLink(one, dispute) : "")));
}

function happened(event) {
  const { at, event: name, by, from, to, ...rest } = event;
  const more = Object.entries(rest).filter(([, value]) => value !== null && value !== "");
  return h("li", {}, h("time", { class: "num", datetime: at, text: at ? moment(at) : "" }), " ", h("b", { text: words(name) }), by ? ` (${words(by)})` : "", more.length ? h("span", { class: "hint", dir: "auto", text: ` ${more.map(([key, value]) => `${words(key)}: ${readable(value)}`).join(", ")}` }) : "");
}
