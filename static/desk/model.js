// What the desk knows: the queue, the conversations it looks at, and the socket. No drawing here.

import { Link, socketUrl, uuid } from "../lib/net.js";

/** Wishes that may be sent again after a cut, because the server takes each id once. */
const RESENT = new Set(["reply", "note"]);
const ANSWER_MS = 15_000;
const READ_MS = 200;

/** @typedef {{id: string, events: any[], seen: Set<string>, seq: number, packet: any, owner: string|null, agent: string|null, typing: any, viewers: string[], account: any, unread: number, read?: number, liveFrom?: number}} Talk */

export class Model {
  /**
   * @param {object} wants
   * @param {(what: "line"|"queue"|"talk", id?: string) => void} wants.changed
   * @param {(id: string, event: any) => void} wants.live an event that came in while watching
   * @param {(alert: {conversation: string|null, what: string, text: string}) => void} wants.alert something to notice at once
   * @param {() => void} wants.signedOut
   */
  constructor(wants) {
    this.wants = wants;
    this.me = null;
    this.available = true;
    this.waiting = [];
    this.mine = [];
    /** For those who lead: what everybody has, and who is there. */
    this.taken = [];
    this.floor = [];
    this.onDuty = 0;
    this.skew = 0;
    /** @type {Map<string, Talk>} */
    this.talks = new Map();
    this.watched = new Set();
    this.asked = new Map();
    this.link = new Link({
      url: socketUrl(location.origin, "/ws/desk"),
      hello: () => null, // the session cookie signs in
      onframe: (frame) => this.#frame(frame),
      onstate: (state) => this.#line(state),
      onclose: (code) => {
        if (code !== 4001 && code !== 4003) return true;
        wants.signedOut();
        return false;
      },
    });
  }

  get online() {
    return this.link.state === "online";
  }

  get leads() {
    return this.me?.role === "lead" || this.me?.role === "admin";
  }

  /** Whether this person decides what the bot learns. */
  get teaches() {
    return this.leads || this.me?.role === "ops";
  }

  /** Conversations that this agent is being asked to take. */
  get offers() {
    return this.waiting.filter((row) => row.offered?.mine && Date.parse(row.offered.until) > this.now());
  }

  /** The server's idea of now, in milliseconds. */
  now() {
    return Date.now() + this.skew;
  }

  /** Sends a wish and waits for its answer. Rejects with the server's words. */
  ask(type, fields) {
    const frame = { type, id: uuid(), ...fields };
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#answer(frame.id, null, { code: "unavailable" }), ANSWER_MS);
      this.asked.set(frame.id, { frame, resolve, reject, timer });
      if (!this.link.send(frame) && !RESENT.has(type)) this.#answer(frame.id, null, { code: "unavailable" });
    });
  }

  /** Goes on duty or away; a lost line or a reload does not change it. */
  async setAvailable(on) {
    await this.ask("available", { on });
    this.available = on;
    if (on) sessionStorage.setItem("desk.available", "1");
    else sessionStorage.removeItem("desk.available");
    this.wants.changed("line");
  }

  /** Tells the customer that the agent types; not answered. */
  typing(conversation, on) {
    this.link.send({ type: "typing", id: uuid(), conversation, on });
  }

  /** Tells the customer, a moment later, how far their messages were read. */
  read(id) {
    const talk = this.talk(id);
    if (document.visibilityState === "hidden" || this.ownerOf(id) !== "mine" || talk.seq <= (talk.read ?? 0)) return;
    talk.read = talk.seq;
    clearTimeout(this.reading);
    this.reading = setTimeout(() => this.link.send({ type: "read", id: uuid(), conversation: id, seq: talk.seq }), READ_MS);
  }

  talk(id) {
    if (!this.talks.has(id)) {
      this.talks.set(id, { id, events: [], seen: new Set(), seq: 0, packet: null, owner: null, agent: null, typing: null, viewers: [], account: null, unread: 0 });
    }
    return this.talks.get(id);
  }

  /** Follows a conversation from where it was left. */
  watch(id) {
    this.watched.add(id);
    const talk = this.talk(id);
    talk.liveFrom ??= this.now() - 1000;
    // What only the desk sees carries the number of the event before it: ask from one earlier, and know doubles by their place.
    this.ask("watch", { conversation: id, after: Math.max(0, talk.seq - 1) }).catch(() => {});
    this.loadAccount(id);
  }

  unwatch(id) {
    if (!this.watched.delete(id)) return;
    this.ask("unwatch", { conversation: id }).catch(() => {});
  }

  async loadAccount(id) {
    try {
      const answer = await fetch(`/api/desk/conversations/${encodeURIComponent(id)}/account`);
      this.talk(id).account = answer.ok ? await answer.json() : {};
    } catch {
      return; // asked again with the next watch
    }
    this.wants.changed("talk", id);
  }

  #frame(frame) {
    switch (frame.type) {
      case "welcome":
        this.me = frame.agent;
        this.available = frame.available;
        if (!frame.available && sessionStorage.getItem("desk.available")) this.setAvailable(true).catch(() => {});
        this.skew = Date.parse(frame.now) - Date.now();
        for (const id of this.watched) this.watch(id);
        for (const { frame: wish } of this.asked.values()) if (RESENT.has(wish.type)) this.link.send(wish);
        return this.wants.changed("line");
      case "queue":
        this.waiting = frame.waiting;
        this.mine = frame.mine;
        this.taken = frame.taken ?? [];
        this.floor = frame.floor ?? [];
        this.onDuty = frame.on_duty;
        for (const row of this.mine) if (!this.watched.has(row.conversation)) this.watch(row.conversation);
        return this.wants.changed("queue");
      case "event":
        return this.#event(frame);
      case "packet": {
        const talk = this.talk(frame.conversation);
        talk.packet = frame.packet;
        return this.wants.changed("talk", talk.id);
      }
      case "owner": {
        const talk = this.talk(frame.conversation);
        talk.owner = frame.owner;
        talk.agent = frame.agent ?? null;
        return this.wants.changed("talk", talk.id);
      }
      case "typing": {
        const talk = this.talk(frame.conversation);
        const kind = frame.by?.kind ?? frame.by;
        talk.typing = frame.on ? { kind, name: frame.by?.name } : null;
        clearTimeout(talk.typingEnd);
        if (frame.on) talk.typingEnd = setTimeout(() => ((talk.typing = null), this.wants.changed("talk", talk.id)), 8000);
        return this.wants.changed("talk", talk.id);
      }
      case "viewers":
        this.talk(frame.conversation).viewers = frame.names ?? [];
        return this.wants.changed("talk", frame.conversation);
      case "alert":
        if (frame.what === "away") {
          this.available = false;
          sessionStorage.removeItem("desk.available");
          this.wants.changed("line");
        }
        return this.wants.alert(frame);
      case "ack":
        return this.#answer(frame.id, frame);
      case "error":
        return this.#answer(frame.id, null, frame);
    }
  }

  #event(event) {
    const talk = this.talk(event.conversation);
    const place = `${event.seq}.${event.sub ?? 0}`;
    if (talk.seen.has(place)) return;
    talk.seen.add(place);
    const at = Date.parse(event.at);
    if (at > this.now()) this.skew = at - Date.now(); // the demo's clock was moved
    const fresh = at >= talk.liveFrom;
    talk.events.push(event);
    talk.events.sort((a, b) => a.seq - b.seq || (a.sub ?? 0) - (b.sub ?? 0));
    talk.seq = Math.max(talk.seq, event.seq);
    if (event.by.kind === "customer") talk.typing = null;
    if (event.kind === "handoff") {
      talk.owner = { queued: "queued", waiting: "queued", claimed: "agent", returned: "bot", left: "bot" }[event.data.state] ?? talk.owner;
      talk.agent = event.data.agent ?? null;
    }
    if (event.kind === "closed") talk.owner = "closed";
    if (event.kind === "message" && event.by.kind === "customer" && talk.owner === "closed") talk.owner = "bot";
    if (event.kind === "action") this.loadAccount(talk.id);
    this.wants.changed("talk", talk.id);
    if (fresh) this.wants.live(talk.id, event);
  }

  #answer(id, ack, error) {
    const wish = this.asked.get(id);
    if (!wish) return;
    this.asked.delete(id);
    clearTimeout(wish.timer);
    if (ack) wish.resolve(ack);
    else wish.reject(error);
  }

  #line(state) {
    if (state !== "online") for (const [id, wish] of this.asked) if (!RESENT.has(wish.frame.type)) this.#answer(id, null, { code: "unavailable" });
    this.wants.changed("line");
  }

  /** Who looks at a conversation beside this agent and whoever has it. */
  lookers(id) {
    const { viewers, agent } = this.talk(id);
    return viewers.filter((name) => name !== agent);
  }

  /** Who has a conversation, from this desk's view: `bot`, `queued`, `agent`, `mine` or `closed`. */
  ownerOf(id) {
    if (this.mine.some((row) => row.conversation === id)) return "mine";
    if (this.waiting.some((row) => row.conversation === id)) return "queued";
    const { owner } = this.talk(id);
    return owner === "queued" ? "bot" : (owner ?? "bot");
  }
}
