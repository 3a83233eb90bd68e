// One conversation as the customer's side knows it: the log, what is still to be delivered, who has it. No drawing here.
// Promises: every message of the customer is delivered once and shown once, whatever order ack, echo and reload come in.

import { Link, socketUrl, uuid } from "../lib/net.js";
import { blank, queueOf, standingAfter } from "./standing.js";

/** Errors that a resend cannot mend. */
const FINAL = new Set(["bad_frame", "too_large", "forbidden", "conflict", "not_found"]);
/** What is delivered like a message but is none: never shown as a row, and dropped when it came too late. */
export const SILENT = new Set(["rate", "leave", "callback"]);
const ACK_MS = 12_000;
const READ_MS = 200;

export class Session {
  /**
   * @param {object} options
   * @param {string} options.origin
   * @param {ReturnType<import("./store.js").openStore>} options.store
   * @param {string} [options.token]
   * @param {string} [options.locale]
   * @param {(what: "log"|"state"|"line") => void} options.onchange
   * @param {(name: string, data: any) => void} options.onevent what the host page may hear
   * @param {(event: any) => void} options.onlive an event that was not history
   * @param {(locale: string) => void} options.onlocale the conversation is in this language from now on
   */
  constructor(options) {
    Object.assign(this, options);
    this.forget();
    this.visible = false;
    this.pending = this.store.outbox().map((item) => ({ ...item, state: "waiting" }));
    this.link = new Link({
      url: socketUrl(this.origin, "/ws/chat"),
      hello: () => this.#hello(),
      onframe: (frame) => this.#frame(frame),
      onstate: (state) => this.#line(state),
      onclose: (code, reason) => this.#closed(code, reason),
    });
    this.unwatch = this.store.watch((key) => this.#otherTab(key));
  }

  /** Empties everything that belongs to one conversation. */
  forget() {
    Object.assign(this, blank());
  }

  start() {
    this.link.start();
  }

  stop() {
    this.unwatch();
    for (const timer of [this.retry, this.reading, this.typingEnd]) clearTimeout(timer);
    this.link.stop();
    this.onchange = this.onevent = () => {};
  }

  get online() { return this.link.state === "online"; }

  /** Takes another identity: the line is opened again with it, on the same conversation where that is allowed. */
  identify(token) {
    if (token === this.token) return;
    this.token = token;
    if (token && this.aside) {
      this.store.keepConversation(this.aside);
      this.aside = null;
      this.forget();
      this.onchange("log");
    }
    this.link.restart();
  }

  /** Sends something that must arrive: a message, a choice, the wish for a person, a rating. */
  deliver(frame, label) {
    const item = this.store.keep({ frame: { ...frame, id: uuid() }, label, at: new Date().toISOString() });
    this.pending.push({ ...item, state: "waiting" });
    this.flush();
    this.onchange("log");
  }

  retryFailed(item) {
    item.state = "waiting";
    this.flush();
    this.onchange("log");
  }

  typingNow(on) {
    this.link.send({ type: "typing", on });
  }

  /** Sends everything that waits, oldest first. A resend keeps its id, so the server stores it once. */
  flush() {
    for (const item of this.pending) {
      if (item.state !== "waiting" || !this.link.send(item.frame)) continue;
      item.state = "sending";
      item.deadline = setTimeout(() => item.state === "sending" && this.link.restart(), ACK_MS);
    }
  }

  /** The customer sees the log now: counts as read here at once, and a moment later in other tabs and at the desk. */
  markRead() {
    if (!this.visible || document.visibilityState === "hidden") return;
    this.seen = this.seq;
    this.#count();
    clearTimeout(this.reading);
    this.reading = setTimeout(() => {
      if (this.seen <= this.store.readUpTo()) return;
      this.store.keepRead(this.seen);
      this.link.send({ type: "read", seq: this.seen });
    }, READ_MS);
  }

  #count() {
    const read = Math.max(this.seen, this.store.readUpTo());
    const unread = this.events.filter((event) => event.seq > read && event.kind === "message" && event.by.kind !== "customer").length;
    if (unread === this.lastUnread) return;
    this.lastUnread = unread;
    this.onevent("unread", unread);
  }

  #hello() {
    const known = this.store.conversation();
    return {
      type: "hello",
      ...(this.token && { token: this.token }),
      ...(known && { conversation: known.conversation, resume: known.resume, after: this.seq }),
      ...(this.locale && { locale: this.locale }),
    };
  }

  #frame(frame) {
    switch (frame.type) {
      case "welcome":
        return this.#welcome(frame);
      case "event":
        return this.#event(frame);
      case "ack":
        return this.#ack(frame);
      case "error":
        return this.#error(frame);
      case "typing": {
        const kind = frame.by?.kind ?? frame.by;
        if (kind === "customer") return;
        this.typing = frame.on ? { kind, name: frame.by?.name } : null;
        clearTimeout(this.typingEnd);
        if (frame.on) this.typingEnd = setTimeout(() => this.#quiet(), 8000);
        return this.onchange("state");
      }
      case "queue":
        this.queue = queueOf(frame);
        return this.onchange("state");
      case "read":
        if ((frame.by?.kind ?? frame.by) !== "customer") this.readByThem = Math.max(this.readByThem, frame.seq);
        return this.onchange("log");
    }
  }

  #welcome(frame) {
    const known = this.store.conversation();
    if (known?.conversation !== frame.conversation) {
      this.store.keepRead(0);
      if (this.seq) this.forget();
    }
    this.store.keepConversation({ conversation: frame.conversation, resume: frame.resume, level: frame.level });
    // What the server has stored before the first welcome is history: shown, but not announced.
    if (!this.welcomed) this.caughtUp = frame.head;
    this.head = frame.head;
    this.#speaks(frame.locale);
    this.welcomed = true;
    this.owner = frame.owner ?? this.owner;
    this.agent = frame.agent ?? null;
    this.level = frame.level ?? 0;
    this.customer = frame.customer ?? null;
    if (this.owner !== "queued") this.queue = null;
    for (const item of this.pending) if (item.state === "sending") item.state = "waiting";
    this.flush();
    this.markRead();
    this.onchange("log");
  }

  #event(event) {
    if (event.seq <= this.seq) return;
    if (event.seq > this.seq + 1 && this.hole !== this.seq) {
      this.hole = this.seq; // something got lost on the way: ask again from here, once
      return this.link.restart();
    }
    this.seq = event.seq;
    this.events.push(event);
    this.pending = this.pending.filter((item) => (item.frame.id === event.id ? this.#delivered(item) : !(item.seq <= event.seq)));
    this.#follow(event);
    if (event.kind === "message" && event.seq > this.head) this.#speaks(event.data.locale);
    this.markRead();
    this.#count();
    this.onchange("log");
    if (event.seq <= this.caughtUp) return;
    if (event.kind === "message" && event.by.kind !== "customer") this.onevent("message", { seq: event.seq, by: event.by, text: event.data.text });
    if (event.kind === "handoff") this.onevent("handoff", event.data);
    if (event.kind === "closed") this.onevent("close", event.data);
    if (event.kind === "rating") this.onevent("rating", event.data);
    this.onlive(event);
  }

  /** Who has the conversation after this event. */
  #follow(event) {
    if (event.by.kind !== "customer") this.#quiet();
    Object.assign(this, standingAfter(event, this));
  }

  /** The language that the server says the conversation is in; heard where it is another than before. */
  #speaks(locale) {
    if (!locale || locale === this.spoken) return;
    this.spoken = locale;
    this.onlocale(locale);
  }

  #quiet() {
    if (!this.typing) return;
    this.typing = null;
    this.onchange("state");
  }

  #delivered(item) {
    clearTimeout(item.deadline);
    this.store.drop(item);
    return false;
  }

  #ack(frame) {
    const item = this.pending.find((one) => one.frame.id === frame.id);
    if (!item) return;
    this.#delivered(item);
    item.state = "sent";
    item.seq = frame.seq;
    if (frame.seq <= this.seq) this.pending = this.pending.filter((one) => one !== item); // else its event is on the way
    this.onchange("log");
  }

  #error(frame) {
    const item = this.pending.find((one) => one.frame.id === frame.id);
    if (item) {
      clearTimeout(item.deadline);
      if (FINAL.has(frame.code) && (SILENT.has(item.frame.type) || (frame.code === "conflict" && item.frame.type === "choose"))) {
        this.refusedTime = item.frame.type === "callback";
        this.pending = this.pending.filter((one) => one !== item);
        this.#delivered(item);
      } else if (FINAL.has(frame.code)) item.state = "failed";
      else {
        item.state = "waiting";
        clearTimeout(this.retry);
        this.retry = setTimeout(() => this.flush(), frame.retry_after_ms ?? 2000);
      }
      this.onchange("log");
    }
    this.onevent("error", { code: frame.code, message: frame.message });
  }

  #line(state) {
    if (state !== "online") {
      for (const item of this.pending) {
        clearTimeout(item.deadline);
        if (item.state === "sending") item.state = "waiting";
      }
    }
    this.onchange("line");
  }

  #closed(code, reason) {
    if (code === 4003) {
      // The token was refused or ran out: go on anonymously, and put the customer's own conversation aside until they sign in.
      const known = this.store.conversation();
      if (known?.level > 0) {
        this.aside = known;
        this.store.keepConversation(null);
        this.forget();
      }
      this.token = undefined;
      this.refused = true;
      this.onevent("error", { code: "unauthorized", message: reason });
      this.onevent("auth", { level: 1, reason: "refused" });
      this.onchange("log");
    }
    if (code === 4004) {
      this.store.keepConversation(null);
      this.forget();
      this.onchange("log");
    }
    return true;
  }

  #otherTab(key) {
    if (key === "read") this.#count();
    if (key === "conversation" && !this.store.conversation()) {
      this.pending = [];
      this.forget();
      this.onchange("log");
      this.link.restart();
    }
  }
}
