// The right side: why the conversation is here and what is known (the packet), then the customer and their orders.

import { h } from "../lib/dom.js";
import { dayText, money, t } from "../lib/i18n.js";
import { facts, readable, readings } from "./rows.js";
import { priorityText, words } from "./texts.js";

export class Side {
  /**
   * @param {import("./model.js").Model} model
   * @param {{openCase: (id: string) => void, fileDispute: (customer: string, order: any) => void}} acts
   */
  constructor(model, acts) {
    this.model = model;
    this.acts = acts;
    this.drawn = {};
    this.packet = h("div", {});
    this.account = h("div", {});
    this.node = h("aside", { class: "side", "aria-label": t("details"), tabindex: 0 }, this.packet, this.account);
  }

  /** Draws what changed: the packet and the account come whole, so each is replaced as a whole. */
  draw(id) {
    const talk = id ? this.model.talk(id) : { packet: null, account: null };
    if (this.drawn.packet !== talk.packet) this.packet.replaceChildren(...(talk.packet ? packetParts(talk.packet) : []));
    if (this.drawn.account !== talk.account) this.account.replaceChildren(...(talk.account ? accountParts(talk.account, this.acts) : []));
    this.drawn = { packet: talk.packet, account: talk.account };
  }
}

const section = (title, ...children) => h("section", { class: "part" }, h("h2", { text: title }), ...children);
const list = (items) => h("ul", { class: "plain-list" }, ...items.map((item) => h("li", { class: "plain", dir: "auto", text: typeof item === "string" ? item : readable(item) })));

function packetParts(packet) {
  const reading = packet.intents?.length ? readings(packet.intents) : packet.intent && words(packet.intent);
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

/** What was done, with what changed by it: "Pause plan, P15-2-plan: status paused". */
function actionText(action) {
  const after = Object.entries(action.after ?? {}).filter(([, value]) => value !== null && typeof value !== "object");
  const change = after.map(([name, value]) => `${name.replaceAll("_", " ")} ${/^\d{4}-\d\d-\d\dT/.test(value) ? dayText(value) : String(value).replaceAll("_", " ")}`);
  return [[words(action.action), action.subject].filter(Boolean).join(", "), change.join(", ")].filter(Boolean).join(": ");
}

/** Slots and looked-up facts, each in a few words; what is only useful to the flow is left out. */
function knownPairs(known) {
  const { slots = {}, vars = {} } = known?.facts ?? {};
  return [...Object.entries(slots), ...Object.entries(vars)].map(([name, value]) => [words(name), gist(value)]).filter(([, text]) => text);
}

function gist(value) {
  if (value === null || value === undefined || value === "") return null;
  if (Array.isArray(value)) return value.map(gist).filter(Boolean).join("; ") || null;
  if (typeof value !== "object") return readable(value);
  return value.label ?? value.text ?? value.public_no ?? value.name ?? (value.items ? gist(value.items) : null);
}

/** @param {{account: any, merchants?: Record<string, string>}} answer */
function accountParts({ account: customer, merchants = {} }, acts) {
  if (!customer) return [section(t("customer"), h("p", { class: "hint", text: t("no_account") }))];
  const orders = customer.orders ?? [];
  const flags = customer.flags ?? [];
  const open = (customer.cases ?? []).filter((one) => one.state === "open");
  return [
    section(
      t("customer"),
      h("p", { class: "person" }, h("b", { dir: "auto", text: [customer.given_name, customer.family_name].filter(Boolean).join(" ") }), " ", h("span", { class: "hint num", text: customer.id })),
      flags.length > 0 && h("div", { class: "tags" }, ...flags.map((flag) => h("span", { class: "tag warn", text: words(flag) }))),
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
    open.length > 0 && section(t("cases"), facts(open.map((one) => [words(one.kind), one.due_at ? dayText(one.due_at) : words(one.state)]))),
    section(t("orders"), ...orders.map((order) => orderPart(order, merchants[order.merchant] ?? order.merchant, orders.length === 1, orderActs(customer.id, order, acts)))),
  ].filter(Boolean);
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
