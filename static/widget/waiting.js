// Waiting for a person: place, honest estimate, opening hours, call-back times, and a way out. Never a dead end.

import { h, keyed, setText } from "../lib/dom.js";
import { clockTime, dayText, momentText, t } from "../lib/i18n.js";

const MINUTE_S = 60;

/** "You are number 2, about 3 to 8 minutes"; when the team is closed when it is back, or when the customer is called back. */
export function queueText(queue, callback) {
  if (callback) return t("handoff_callback", { at: momentText(callback) });
  if (!queue?.position) return t("queue_hold");
  if (queue.open === false && queue.opensAt) return t("queue_closed", { day: dayText(queue.opensAt), time: clockTime(queue.opensAt) });
  const place = queue.position === 1 ? t("queue_next") : t("queue_number", { n: queue.position });
  if (queue.onDuty === 0) return `${place}. ${t("queue_nobody")}`;
  if (queue.seconds === null || queue.seconds === undefined) return place;
  return `${place}, ${wait(queue)}`;
}

function wait({ seconds, low, high }) {
  if ((high ?? seconds) < MINUTE_S) return t("queue_soon");
  const [from, to] = [low ?? seconds, high ?? seconds].map((one) => Math.round(one / MINUTE_S));
  if (to - from < 2) return t("queue_wait", { n: Math.max(1, Math.round(seconds / MINUTE_S)) });
  return from < 1 ? t("queue_up_to", { n: to }) : t("queue_range", { from, n: to });
}

export class Waiting {
  /**
   * @param {import("./session.js").Session} session
   * @param {() => void} done takes the focus when a button that had it goes
   */
  constructor(session, done) {
    this.session = session;
    this.done = done;
    this.refused = h("p", { class: "slots-title", role: "alert" });
    this.slots = h("div", { class: "slots", role: "group", "aria-label": () => t("callback") });
    this.title = h("span", { class: "slots-title", text: () => t("callback") });
    this.leave = h("button", { type: "button", class: "btn quiet leave", text: () => t("leave"), on: { click: () => this.#tell({ type: "leave" }) } });
    this.node = h("div", { class: "waiting-acts", hidden: true }, this.refused, this.title, this.slots, this.leave);
  }

  draw() {
    const { owner, queue, callback, refusedTime } = this.session;
    this.node.hidden = owner !== "queued";
    const slots = owner === "queued" && !callback ? (queue?.slots ?? []) : [];
    setText(this.refused, refusedTime && slots.length ? t("callback_refused") : "");
    this.refused.hidden = !this.refused.textContent;
    this.title.hidden = slots.length === 0;
    keyed(this.slots, slots, (at) => at, (at) => h("button", { type: "button", class: "btn slot num", text: () => momentText(at), on: { click: () => this.#tell({ type: "callback", at }) } }));
  }

  #tell(frame) {
    this.session.refusedTime = false;
    this.session.deliver(frame);
    this.done();
  }
}

/** Downloads what was said; the address is made with the secret of this conversation, and the identity when there is one. */
export async function download(session) {
  const { conversation, resume } = session.store.conversation() ?? {};
  if (!conversation) return;
  const query = new URLSearchParams({ conversation, ...(resume && { resume }) });
  const answer = await fetch(`${session.origin}/api/transcript?${query}`, { headers: session.token ? { authorization: `Bearer ${session.token}` } : {} });
  if (!answer.ok) throw new Error(String(answer.status));
  const address = URL.createObjectURL(await answer.blob());
  const link = h("a", { href: address, download: t("transcript_file") });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
