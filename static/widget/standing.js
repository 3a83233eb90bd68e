// How a conversation stands, as plain values: before its first word, after an event, in the line for a person, what is asked of the customer.

/** A conversation of which nothing is known yet. */
export const blank = () => ({
  events: [],
  seq: 0,
  seen: 0,
  /** Up to here events are history, not news. */
  caughtUp: 0,
  /** The newest event when the server last welcomed us, and the language that it says the conversation is in. */
  head: 0,
  spoken: null,
  owner: "bot",
  agent: null,
  level: 0,
  customer: null,
  queue: null,
  /** When the customer is called back, if they chose a time. */
  callback: null,
  typing: null,
  readByThem: 0,
  welcomed: false,
});

const OWNERS = { queued: "queued", waiting: "queued", claimed: "agent", returned: "bot", left: "bot" };

/** Who has the conversation after an event, and what follows from that. */
export function standingAfter({ kind, data, by }, { owner, agent, callback, queue }) {
  if (kind === "handoff") {
    owner = OWNERS[data.state] ?? owner;
    callback = data.state === "callback" ? data.at : null;
    agent = owner === "agent" ? (data.agent ?? by.name ?? null) : null;
  } else if (kind === "closed") owner = "closed";
  else if (kind === "message" && by.kind === "customer" && owner === "closed") owner = "bot";
  return { owner, agent, callback, queue: owner === "queued" ? queue : null };
}

/** The sign-in level that the last word of the bot asks for, if the customer does not have it yet. */
export function levelWanted({ events, level, pending }) {
  const last = events.findLast((event) => event.kind === "message");
  const wanted = last?.by.kind === "bot" ? (last.data.step_up ?? 0) : 0;
  return wanted > level && !pending.length ? { level: wanted, seq: last.seq } : null;
}

/** The seq of the event that asks for a rating now, or 0. */
export function ratingWanted(session) {
  let asked = 0;
  for (const event of session.events) {
    if (event.kind === "rating_request" || event.kind === "closed") asked ||= event.seq;
    else if (event.kind === "rating" || (event.kind === "message" && event.by.kind === "customer")) asked = 0;
  }
  return session.pending.some((item) => item.frame.type === "rate" || item.frame.type === "message") ? 0 : asked;
}

/** The place in the line, from the server's frame. */
export const queueOf = (frame) => ({
  position: frame.position,
  seconds: frame.wait_seconds,
  low: frame.wait_low_seconds,
  high: frame.wait_high_seconds,
  onDuty: frame.on_duty,
  open: frame.open,
  opensAt: frame.opens_at,
  slots: frame.slots ?? [],
});
