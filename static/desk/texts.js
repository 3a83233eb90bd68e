// The desk's words in English, and names for the short codes that the server sends.

import { define, t } from "../lib/i18n.js";

define("en", {
  desk: "Desk",
  sign_in: "Sign in to the desk",
  name: "Name",
  password: "Password",
  enter: "Sign in",
  demo_as: "Demo: sign in as {name}",
  sign_out: "Sign out",
  available: "Available",
  away: "Away",
  on_duty: { one: "{n} person on duty", other: "{n} people on duty" },
  offline: "No connection. We keep trying; what you write stays here.",
  waiting: "Waiting",
  mine: "Mine",
  nobody_waits: "Nobody is waiting.",
  none_mine: "You have no conversation.",
  guest: "Not signed in",
  pick: "Choose a conversation from the list.",
  pick_hint: "J and K move, C claims, ? shows all keys.",
  claim: "Claim",
  give_back: "Return to bot",
  transfer: "Transfer",
  resolve: "Resolve",
  details: "Details",
  back: "Back to the list",
  reply: "Reply",
  note: "Note",
  write_reply: "Write to the customer",
  write_note: "Write a note. Only the desk sees it",
  send_reply: "Send",
  send_note: "Save note",
  claim_first: "Claim the conversation to reply. A note can be left at any time.",
  owner_bot: "The bot has it",
  owner_queued: "Waiting for a person",
  owner_agent: "{name} has it",
  owner_mine: "You have it",
  owner_closed: "Ended",
  by_customer: "Customer",
  by_bot: "AI assistant",
  by_agent: "Agent",
  by_note: "Note, desk only",
  by_decision: "Decision",
  by_action: "Action",
  offered: "Offered: {options}",
  handoff_queued: "Handed to people",
  handoff_claimed: "{name} took the conversation",
  handoff_returned: "Returned to the bot",
  closed: "Conversation ended",
  rating_request: "Asked for a rating",
  rated: "Rated {n} of 5",
  typing: "{name} is writing",
  new_waiting: "New in the waiting list: {name}, {reason}",
  why: "Why it is here",
  known: "What is known",
  done: "What was done",
  clocks: "Clocks that run",
  customer: "Customer",
  orders: "Orders",
  no_account: "Not signed in: no account is shown.",
  wait: "waiting {time}",
  late: "late",
  transfer_to: "Which queue?",
  resolve_as: "How did it end?",
  cancel: "Cancel",
  keys: "Keys",
  keys_on: "Single keys work",
  keys_hint: "They never work while you write in a field.",
  close: "Close",
  not_sent: "No connection: nothing was sent. Try again in a moment.",
  priority_0: "P0 now",
  priority_1: "P1 urgent",
  priority_2: "P2 soon",
  priority_3: "P3 normal",
  priority_4: "P4 low",
});

export const QUEUES = ["general", "disputes", "fraud", "hardship", "complaints", "privacy", "credit", "safety"];
export const CODES = ["solved", "explained", "customer_left", "passed_on", "duplicate", "spam"];

/** "goods_not_received" is "Goods not received". */
export function words(code) {
  const text = String(code ?? "").replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Seconds as "45 s", "3 min", "2 h 5 min", "3 d 4 h". */
export function waited(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  if (s < 86_400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${Math.floor(s / 86_400)} d ${Math.floor((s % 86_400) / 3600)} h`;
}

export const priorityText = (priority) => t(`priority_${Math.min(Math.max(priority ?? 4, 0), 4)}`);
