// The right side: why the conversation is here and what is known (the packet), then the customer and their orders.

import { h } from "../lib/dom.js";
import { dayText, money, t } from "../lib/i18n.js";
import { facts, readable } from "./rows.js";
import { priorityText, words } from "./texts.js";

export class Side {
  /** @param {import("./model.js").Model} model */
  constructor(model) {
    this.model = model;
    this.drawn = {};
    this.packet = h("div", {});
    this.account = h("div", {});
    this.node = h("aside", { class: "side", "aria-label": t("details"), tabindex: 0 }, this.packet, this.account);
  }

  /** Draws what changed: the packet and the account come whole, so each is replaced as a whole. */
  draw(id) {
    const talk = id ? this.model.talk(id) : { packet: null, account: null };
    if (this.drawn.packet !== talk.packet) this.packet.replaceChildren(...(talk.packet ? packetParts(talk.packet) : []));
    if (this.drawn.account !== talk.account) this.account.replaceChildren(...(talk.account ? accountParts(talk.account) : []));
    this.drawn = { packet: talk.packet, account: talk.account };
  }
}

const section = (title, ...children) => h("section", { class: "part" }, h("h2", { text: title }), ...children);
const list = (items) => h("ul", { class: "plain-list" }, ...items.map((item) => h("li", { class: "plain", dir: "auto", text: typeof item === "string" ? item : readable(item) })));

function packetParts(packet) {
  const reading = packet.intents?.length ? packet.intents.map(intentText).join(", ") : packet.intent && words(packet.intent);
  const parts = [
    section(
      t("why"),
      h("div", { class: "tags" }, ...[packet.priority === undefined ? null : priorityText(packet.priority), packet.queue, packet.reason].filter(Boolean).map((text) => h("span", { class: "tag", text: words(text) }))),
      list(packet.summary ?? []),
      reading && h("p", { class: "hint", text: reading }),
    ),
  ];
  const known = knownPairs(packet.known);
  if (known.length) parts.push(section(t("known"), facts(known)));
  if (packet.actions?.length) parts.push(section(t("done"), list(packet.actions.map(actionText))));
  if (packet.clocks?.length) parts.push(section(t("clocks"), facts(packet.clocks.map((clock) => [[words(clock.kind ?? clock.name), clock.ref].filter(Boolean).join(" "), [dayText(clock.due), clock.actor && words(clock.actor)].filter(Boolean).join(", ")]))));
  return parts;
}

function intentText(intent) {
  const name = words(intent.id ?? intent.intent ?? intent);
  const sure = intent.confidence ?? intent.p;
  return sure === undefined ? name : `${name} ${Math.round(sure * 100)} %`;
}

function actionText(action) {
  const name = action.text ?? action.action ?? action.what ?? action.kind;
  const rest = Object.entries(action).filter(([, value]) => value !== name && value !== null && typeof value !== "object");
  return [name && words(name), ...rest.map(([key, value]) => `${words(key)}: ${value}`)].filter(Boolean).join(", ");
}

function knownPairs(known) {
  if (!known) return [];
  if (Array.isArray(known)) return known.map((one) => [words(one.name ?? one.label ?? one.slot), one.value ?? one]);
  return Object.entries(known.facts ?? known)
    .filter(([name]) => name !== "at")
    .map(([name, value]) => [words(name), value?.value ?? value]);
}

function accountParts(account) {
  const customer = account.customer ?? (account.given_name ? account : null);
  if (!customer) return [section(t("customer"), h("p", { class: "hint", text: t("no_account") }))];
  const orders = account.orders ?? customer.orders ?? [];
  const flags = customer.flags ?? [];
  return [
    section(
      t("customer"),
      h("p", { class: "person" }, h("b", { dir: "auto", text: [customer.given_name, customer.family_name].filter(Boolean).join(" ") || customer.name }), " ", h("span", { class: "hint num", text: customer.id })),
      flags.length > 0 && h("div", { class: "tags" }, ...flags.map((flag) => h("span", { class: "tag warn", text: words(flag.kind ?? flag) }))),
      facts(
        [
          ["Email", customer.email],
          ["Phone", customer.phone],
          ["Market", [customer.market, customer.locale].filter(Boolean).join(", ")],
          ["Status", words(customer.status)],
          ...(customer.payment_methods ?? []).map((method) => [words(method.type), [method.brand && words(method.brand), method.last4 && `•• ${method.last4}`, method.status !== "active" && words(method.status)].filter(Boolean).join(" ")]),
        ].filter(([, value]) => value),
      ),
    ),
    section(t("orders"), ...orders.map((order) => orderPart(order, orders.length === 1))),
  ];
}

function orderPart(order, open) {
  const amount = (minor) => money(minor, order.currency);
  const plan = order.plan;
  const troubled = order.disputes?.length || plan?.instalments?.some((one) => one.status === "overdue" || one.status === "paused");
  return h(
    "details",
    { class: "order", open: open || Boolean(troubled) },
    h("summary", {}, h("b", { class: "plain", text: order.merchant_name ?? order.merchant }), h("span", { class: "num", text: amount(order.total_minor) }), h("span", { class: "hint num", text: `${order.ref} · ${dayText(order.placed_at)} · ${words(order.status)}` })),
    h("p", { class: "plain", text: (order.lines ?? []).map((line) => (line.qty > 1 ? `${line.qty} × ${line.name}` : line.name)).join(", ") }),
    ...(order.shipments ?? []).map((shipment) => h("p", { class: "hint", text: [words(shipment.status), shipment.carrier, shipment.tracking_no].filter(Boolean).join(" · ") })),
    ...(order.disputes ?? []).map((dispute) =>
      h("p", { class: "dispute" }, h("span", { class: "tag warn", text: `${dispute.public_no} ${words(dispute.state)}` }), " ", h("span", { class: "hint", text: [words(dispute.reason), dispute.next_deadline_at && `${words(dispute.next_actor)} by ${dayText(dispute.next_deadline_at)}`].filter(Boolean).join(" · ") })),
    ),
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
