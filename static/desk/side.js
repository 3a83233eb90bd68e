// The right side: the packet, what may be done to the account, the customer with their orders, earlier conversations.

import { h } from "../lib/dom.js";
import { dayText, money, t } from "../lib/i18n.js";
import { drawPacket, runPacket } from "./packet.js";
import { facts } from "./rows.js";
import { words } from "./texts.js";

export class Side {
  /**
   * @param {import("./model.js").Model} model
   * @param {object} acts
   * @param {(id: string) => void} acts.openCase
   * @param {(customer: string, order: any) => void} acts.fileDispute
   * @param {(seq: number) => void} acts.show an event in the transcript
   * @param {(conversation: string) => void} acts.open another conversation
   * @param {(conversation: string, act: any) => void} acts.account something that may be done to the account
   * @param {(error: any) => void} acts.told
   */
  constructor(model, acts) {
    this.model = model;
    this.acts = acts;
    this.drawn = {};
    this.packet = h("div", {});
    this.doing = h("div", {});
    this.account = h("div", {});
    this.history = h("div", {});
    this.node = h("aside", { class: "side", "aria-label": t("details"), tabindex: 0 }, this.packet, this.doing, this.account, this.history);
    setInterval(() => runPacket(this.packet, model.now()), 1000);
  }

  /** Draws what changed. The account comes whole, and is drawn anew only when it says something else. */
  draw(id) {
    const talk = id ? this.model.talk(id) : { packet: null, account: null };
    const mine = id ? this.model.ownerOf(id) === "mine" : false;
    const account = JSON.stringify(talk.account);
    const other = this.drawn.id !== id;
    if (other) this.node.scrollTop = 0;
    if (other || this.drawn.packet !== talk.packet) {
      drawPacket(this.packet, talk.packet, this.acts.show);
      runPacket(this.packet, this.model.now());
    }
    const changed = other || this.drawn.account !== account;
    if (changed) this.account.replaceChildren(...(talk.account ? accountParts(talk.account, this.acts, (field) => this.#reveal(id, field)) : []));
    if (changed || this.drawn.mine !== mine) this.#drawDoing(id, mine);
    if (other) this.#drawHistory(id);
    this.drawn = { packet: talk.packet, account, mine, id };
  }

  /** What may be done to the account, while the conversation is one's own. */
  async #drawDoing(id, mine) {
    const drawn = (this.doingOf = {});
    if (!id || !mine) return this.doing.replaceChildren();
    const answer = await fetch(`/api/desk/conversations/${encodeURIComponent(id)}/actions`).catch(() => null);
    const { actions = [] } = answer?.ok ? await answer.json() : {};
    if (this.doingOf !== drawn) return;
    const open = this.doing.querySelector("details")?.open ?? false;
    const had = this.doing.contains(document.activeElement);
    const buttons = actions.map((act) => h("button", { type: "button", class: "btn", text: act.label, on: { click: () => this.acts.account(id, act) } }));
    this.doing.replaceChildren(...(buttons.length ? [h("details", { class: "part doing", open }, h("summary", {}, h("h2", { text: t("account_actions", { n: buttons.length }) })), ...buttons)] : []));
    if (had) (this.doing.querySelector("summary") ?? this.node).focus();
  }

  async #drawHistory(id) {
    const drawn = (this.historyOf = {});
    this.history.replaceChildren();
    if (!id) return;
    const answer = await fetch(`/api/desk/conversations/${encodeURIComponent(id)}/history`).catch(() => null);
    const { rows = [] } = answer?.ok ? await answer.json() : {};
    if (this.historyOf !== drawn) return;
    const open = (row) => h("button", { type: "button", class: "btn quiet past", on: { click: () => this.acts.open(row.conversation) } }, h("span", { class: "num", text: dayText(row.updated_at) }), h("span", { text: row.intent ? words(row.intent) : t(`owner_${row.owner}`, { name: t("by_agent") }) }));
    const file = h("a", { class: "btn", href: `/api/desk/conversations/${encodeURIComponent(id)}/transcript`, download: "", text: t("transcript") });
    this.history.replaceChildren(section(t("history"), ...(rows.length ? rows.map(open) : [h("p", { class: "hint", text: t("no_history") })]), h("div", { class: "order-acts" }, file)));
  }

  /** Shows a masked field; that somebody looked is written down. */
  async #reveal(id, field) {
    const answer = await fetch(`/api/desk/conversations/${encodeURIComponent(id)}/reveal`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ field }) });
    const told = await answer.json().catch(() => ({}));
    if (answer.ok) return told.value;
    this.acts.told({ message: told.detail });
    return null;
  }
}

const section = (title, ...children) => h("section", { class: "part" }, h("h2", { text: title }), ...children);

/** @param {{account: any, merchants?: Record<string, string>}} answer */
function accountParts({ account: customer, merchants = {} }, acts, reveal) {
  if (!customer) return [section(t("customer"), h("p", { class: "hint", text: t("no_account") }))];
  const orders = customer.orders ?? [];
  const flags = customer.flags ?? [];
  const open = (customer.cases ?? []).filter((one) => one.state === "open");
  return [
    section(
      t("customer"),
      h("p", { class: "person" }, h("b", { dir: "auto", text: [customer.given_name, customer.family_name].filter(Boolean).join(" ") }), " ", h("span", { class: "hint num", text: customer.id })),
      flags.length > 0 && h("div", { class: "tags" }, ...flags.map((flag) => h("span", { class: "tag warn", text: words(flag) }))),
      masked("Email", customer.email, () => reveal("email")),
      masked("Phone", customer.phone, () => reveal("phone")),
      facts(
        [
          ["Market", [customer.market, customer.locale].filter(Boolean).join(", ")],
          ["Status", words(customer.status)],
          ...(customer.payment_methods ?? []).map((method) => [words(method.type), [method.brand && words(method.brand), method.last4 && `•• ${method.last4}`, method.status !== "active" && words(method.status)].filter(Boolean).join(" ")]),
        ].filter(([, value]) => value),
      ),
    ),
    open.length > 0 && section(t("cases"), facts(open.map((one) => [words(one.kind), one.due_at ? dayText(one.due_at) : words(one.state)]))),
    section(t("orders"), ...orders.map((order) => orderPart(order, merchants[order.merchant] ?? order.merchant, orders.length === 1, orderActs(customer.id, order, acts)))),
  ].filter(Boolean);
}

/** A masked value with a button that shows it. */
function masked(name, value, reveal) {
  if (!value) return null;
  const shown = h("span", { class: "num plain", text: value });
  const button = h("button", { type: "button", class: "source", text: t("reveal"), "aria-label": `${t("reveal")}: ${name}`, on: { click: async () => {
    const full = await reveal();
    if (full) (shown.textContent = full), button.remove();
  } } });
  return h("p", { class: "masked" }, h("span", { class: "hint", text: name }), " ", shown, " ", button);
}

/** What an agent may do about an order: open its case, or file one. */
function orderActs(customer, order, acts) {
  const running = (order.disputes ?? []).filter((dispute) => dispute.state !== "closed");
  const all = running.length ? running : (order.disputes ?? []).slice(-1);
  const opens = all.map((dispute) => h("button", { type: "button", class: "btn", text: t("open_case", { no: dispute.public_no }), on: { click: () => acts.openCase(dispute.id) } }));
  const files = !running.length && h("button", { type: "button", class: "btn", text: t("file_dispute"), on: { click: () => acts.fileDispute(customer, order) } });
  return h("div", { class: "order-acts" }, ...opens, files);
}

function orderPart(order, shop, open, acts) {
  const amount = (minor) => money(minor, order.currency);
  const plan = order.plan;
  const troubled = order.disputes?.length || plan?.instalments?.some((one) => one.status === "overdue" || one.status === "paused");
  return h(
    "details",
    { class: "order", open: open || Boolean(troubled) },
    h("summary", {}, h("b", { class: "plain", text: shop }), h("span", { class: "num", text: amount(order.total_minor) }), h("span", { class: "hint num", text: `${order.ref} · ${dayText(order.placed_at)} · ${words(order.status)}` })),
    h("p", { class: "plain", text: (order.lines ?? []).map((line) => (line.qty > 1 ? `${line.qty} × ${line.name}` : line.name)).join(", ") }),
    ...(order.shipments ?? []).map((shipment) => h("p", { class: "hint", text: [words(shipment.status), shipment.carrier, shipment.tracking_no].filter(Boolean).join(" · ") })),
    ...(order.disputes ?? []).map((dispute) =>
      h("p", { class: "dispute" }, h("span", { class: "tag warn", text: `${dispute.public_no} ${words(dispute.state)}` }), " ", h("span", { class: "hint", text: [words(dispute.reason), dispute.next_deadline_at && `${words(dispute.next_actor)} by ${dayText(dispute.next_deadline_at)}`].filter(Boolean).join(" · ") })),
    ),
    acts,
    plan && h("p", { class: "hint", text: `${words(plan.product)} · ${words(plan.status)}` }),
    plan && h("dl", { class: "facts" }, ...plan.instalments.map((one) => instalment(one, amount))),
  );
}

function instalment(one, amount) {
  const tint = { paid: "ok", overdue: "bad", paused: "warn" }[one.status] ?? "";
  return h(
    "div",
    {},
    h("dt", { class: "num", text: dayText(`${one.due_on}T12:00:00Z`) }),
    h("dd", { class: "num" }, amount(one.amount_minor + (one.fee_minor ?? 0)), " ", h("span", { class: `tag ${tint}`, text: words(one.status) })),
  );
}
