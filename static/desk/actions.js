// What an agent does to a conversation, with a dialog where something must be asked, and an undo for ten seconds where it can be taken back.

import { h } from "../lib/dom.js";
import { t } from "../lib/i18n.js";
import { aboutField } from "./about.js";
import { askForm, askOne } from "./dialogs.js";
import { CODES, QUEUES, words } from "./texts.js";

const HOUR_MS = 3_600_000;

export class Actions {
  /**
   * @param {import("./model.js").Model} model
   * @param {{told: (error: any) => void, undo: (text: string, back: () => void) => void}} wants
   */
  constructor(model, wants) {
    this.model = model;
    this.wants = wants;
  }

  /** Sends a wish; false when it was refused, which has been told then. */
  async wish(type, conversation, more = {}) {
    try {
      await this.model.ask(type, { conversation, ...more });
      return true;
    } catch (error) {
      this.wants.told(error);
      return false;
    }
  }

  async #undoable(text, type, conversation, more) {
    if (!(await this.wish(type, conversation, more))) return false;
    this.wants.undo(text, () => this.wish("reopen", conversation));
    return true;
  }

  claim = (id) => this.wish("claim", id);
  decline = (id) => this.wish("decline", id);
  giveBack = (id) => this.#undoable(t("done_returned"), "return", id);

  async #people() {
    const answer = await fetch("/api/desk/agents");
    const { agents = [] } = answer.ok ? await answer.json() : {};
    return agents.filter((one) => one.id !== this.model.me?.id);
  }

  async transfer(id) {
    const people = await this.#people();
    const given = await askForm(t("transfer"), t("transfer"), (form) => [
      form.select("to", t("transfer_to_whom"), [...QUEUES.map((queue) => [queue, t("team", { name: words(queue) })]), ...people.map((one) => [one.id, `${one.name} (${words(one.state)}, ${one.load}/${one.capacity})`])]),
      form.text("reason", t("why_transfer"), true),
    ]);
    return given && this.#undoable(t("done_transferred"), "transfer", id, given);
  }

  async release(id) {
    return this.#undoable(t("done_released"), "release", id);
  }

  async snooze(id) {
    const { askSnooze } = await import("./snooze.js");
    const until = await askSnooze(this.model.now());
    return until && this.#undoable(t("done_snoozed"), "snooze", id, { until });
  }

  async resolve(id) {
    const about = aboutField(id);
    const code = await askOne(t("resolve"), t("resolve_as"), CODES, about.node);
    return code && this.end(id, code, about.value());
  }

  end = (id, code, about) => this.#undoable(t("done_resolved"), "resolve", id, { code, ...(about && { about }) });
  sleep = (id, hours) => this.#undoable(t("done_snoozed"), "snooze", id, { until: new Date(this.model.now() + hours * HOUR_MS).toISOString() });
  move = (id, to) => this.#undoable(t("done_transferred"), "transfer", id, { to });
  takeOver = (id) => this.wish("take_over", id);

  /** Hands conversations to somebody; for those who lead. */
  async assign(ids) {
    const people = await this.#people();
    const to = await this.#who([{ ...this.model.me, state: this.model.available ? "available" : "away", load: this.model.mine.length }, ...people]);
    return to ? this.#each(ids, (id) => this.model.ask("assign", { conversation: id, to })) : null;
  }

  async #who(people) {
    const given = await askForm(t("assign"), t("assign"), (form) => [form.select("to", t("assign_to"), people.map((one) => [one.id, `${one.name} (${words(one.state)}, ${one.load}/${one.capacity})`]))]);
    return given?.to;
  }

  async transferAll(ids) {
    const to = await askOne(t("transfer"), t("transfer_to"), QUEUES);
    return to ? this.#each(ids, (id) => this.model.ask("transfer", { conversation: id, to, reason: t("bulk_reason") })) : null;
  }

  async resolveAll(ids) {
    const code = await askOne(t("resolve"), t("resolve_as"), CODES);
    return code ? this.#each(ids, (id) => this.model.ask("resolve", { conversation: id, code })) : null;
  }

  /** Does one thing to several conversations; one line tells how it went. Answers with those that were done. */
  async #each(ids, act) {
    const results = await Promise.allSettled(ids.map(act));
    const refused = results.filter((result) => result.status === "rejected");
    const why = [...new Set(refused.map((result) => result.reason?.message ?? t("not_sent")))].join("; ");
    this.wants.told({ message: [t("bulk_done", { n: results.length - refused.length }), refused.length && t("bulk_refused", { n: refused.length, why })].filter(Boolean).join(" ") });
    return ids.filter((_, at) => results[at].status === "fulfilled");
  }

  /** What may be done to the account: asked once more, with the figures. */
  async account(id, act) {
    const sure = await askForm(act.label, t("do_it"), () => [h("p", { text: act.ask })]);
    if (!sure) return;
    const answer = await fetch(`/api/desk/conversations/${encodeURIComponent(id)}/actions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ action: act.action, subject: act.subject }),
    });
    const told = await answer.json().catch(() => ({}));
    this.wants.told({ message: answer.ok ? t("step_done", { step: told.done }) : (told.detail ?? t("not_sent")) });
    this.model.loadAccount(id);
  }
}
