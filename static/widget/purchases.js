// My purchases: plans with their dates, disputes with who acts and by when, and what can be started from there. Loaded when first opened.

import { h } from "../lib/dom.js";
import { currentLocale, t } from "../lib/i18n.js";

export class Purchases {
  /**
   * @param {import("./session.js").Session} session
   * @param {{say: (text: string) => void, start: (text: string) => void}} wants
   */
  constructor(session, wants) {
    this.session = session;
    this.wants = wants;
    this.node = h("div", { class: "mine", "aria-busy": "true" });
  }

  /** Reads everything afresh and draws it. */
  async load() {
    this.node.setAttribute("aria-busy", "true");
    try {
      const { orders, quiet } = await this.#ask(`?locale=${encodeURIComponent(currentLocale())}`);
      this.node.replaceChildren(...(orders.length ? orders.map((order) => this.#order(order)) : [h("p", { class: "hint", text: t("mine_none") })]), this.#quiet(quiet));
    } catch {
      const again = h("button", { type: "button", class: "btn", text: t("try_again"), on: { click: () => this.load() } });
      this.node.replaceChildren(h("p", { class: "hint", role: "alert", text: t("mine_failed") }), again);
    }
    this.node.removeAttribute("aria-busy");
  }

  async #ask(path, body) {
    const options = body ? { method: "POST", body: JSON.stringify(body) } : {};
    const answer = await fetch(`${this.session.origin}/api/purchases${path}`, { ...options, headers: { authorization: `Bearer ${this.session.token}`, "content-type": "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  }

  #order(order) {
    const open = order.disputes.some((dispute) => dispute.open) || order.plan?.dates.some((due) => !due.done);
    return h(
      "details",
      { class: "purchase", open },
      h("summary", {}, h("b", { dir: "auto", text: order.merchant }), h("span", { class: "num", text: order.total }), h("span", { class: "hint", dir: "auto", text: `${order.items.join(", ")} · ${order.ref} · ${order.bought}` })),
      ...order.disputes.map((dispute) => this.#dispute(dispute)),
      order.plan && this.#plan(order.plan),
      ...order.parcels.map((parcel) => h("p", { class: "hint", text: [parcel.text, parcel.carrier, parcel.tracking_no].filter(Boolean).join(" · ") })),
      ...order.refunds.map((refund) => h("p", { class: "hint", text: `${t("mine_refund")}: ${refund.amount}, ${refund.on}` })),
      order.starts.length > 0 && h("div", { class: "choices", role: "group", "aria-label": t("mine_starts", { order: order.ref }) }, ...order.starts.map((start) => h("button", { type: "button", class: "btn choice", text: start.label, on: { click: () => this.wants.start(start.says) } }))),
    );
  }

  #dispute(dispute) {
    return h(
      "div",
      { class: "card" },
      h("h3", { text: `${t("mine_case")} ${dispute.public_no}: ${dispute.reason}` }),
      h("p", { dir: "auto", text: dispute.text }),
      dispute.open && h("p", { class: "hint", text: `${t("mine_next")}: ${dispute.who}${dispute.by ? `, ${dispute.by}` : ""}` }),
    );
  }

  #plan(plan) {
    return h(
      "div",
      {},
      h("p", { class: "plan-state", text: `${plan.text}. ${t("mine_left", { amount: plan.left })}` }),
      h("ol", { class: "dates" }, ...plan.dates.map((due) => h("li", { class: due.done ? "done" : "" }, h("time", { datetime: due.date, text: due.on }), h("span", { class: "num", text: due.amount }), h("span", { text: due.state })))),
    );
  }

  #quiet(quiet) {
    const box = h("input", { type: "checkbox", checked: !quiet });
    box.addEventListener("change", async () => {
      try {
        await this.#ask("/quiet", { quiet: !box.checked });
        this.wants.say(t(box.checked ? "mine_told" : "mine_quiet"));
      } catch {
        box.checked = !box.checked;
        this.wants.say(t("mine_failed"));
      }
    });
    return h("label", { class: "tell-me" }, box, t("mine_tell"));
  }
}
