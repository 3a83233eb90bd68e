// The desk: sign-in, then three columns that share one model.

import { h, icon, setAttr, setText } from "../lib/dom.js";
import { setLocale, t } from "../lib/i18n.js";
import { plain } from "../lib/markdown.js";
import { showAccess } from "./access.js";
import { Actions } from "./actions.js";
import { showKeys } from "./dialogs.js";
import { Disputes } from "./disputes.js";
import { Floor } from "./floor.js";
import { listenKeys, singleKeys } from "./keys.js";
import { Model } from "./model.js";
import { Notices } from "./notify.js";
import { pick } from "./picker.js";
import { Queue } from "./queue.js";
import { Side } from "./side.js";
import { signedIn, signInPage, signOut } from "./signin.js";
import { TalkView } from "./talk.js";
import { words } from "./texts.js";
import { Views } from "./views.js";

setLocale(navigator.language);

function openDesk() {
  const live = h("div", { class: "sr", "aria-live": "polite" });
  const notices = new Notices();
  const { told } = notices;
  const banner = h("div", { class: "banner", hidden: true }, icon("offline"), h("span", { text: t("offline") }));
  const duty = h("span", { class: "duty num" });
  const available = h("button", { type: "button", class: "btn switch", role: "switch", on: { click: () => model.setAvailable(!model.available).catch(told) } });
  const me = h("span", { class: "me" });
  let selected = null;
  let known = null;
  /** Offers that have been announced. */
  const offered = new Set();

  const say = (text) => {
    const line = h("div", { text });
    live.append(line);
    setTimeout(() => line.remove(), 1500);
  };
  const model = new Model({
    changed(what, id) {
      if (what === "queue") {
        if (app.dataset.view === "disputes") countDisputes();
        floor.draw();
        return drawQueue();
      }
      if (what === "line") return drawLine();
      if (id === selected) {
        talk.draw();
        side.draw(id);
        model.read(id);
      }
    },
    live(id, event) {
      if (event.kind !== "message" || event.by.kind !== "customer") return;
      if (id === selected && document.visibilityState !== "hidden") return say(`${t("by_customer")}: ${plain(event.data.text)}`);
      model.talk(id).unread++;
      drawQueue();
    },
    alert(alert) {
      notices.notice(alert.text, () => alert.conversation && open(alert.conversation));
    },
    signedOut: () => location.reload(),
  });
  const actions = new Actions(model, { told, undo: notices.undoable });

  const drawLine = () => {
    setAttr(available, "aria-checked", String(model.available));
    setText(available, t(model.available ? "available" : "away"));
    setText(me, model.me?.name ?? "");
    toFloor.hidden = !model.leads;
    banner.hidden = model.online || !model.me;
  };

  const drawQueue = () => {
    queue.draw();
    talk.draw();
    setText(duty, t("on_duty", { n: model.onDuty }));
    const unread = model.mine.reduce((sum, row) => sum + model.talk(row.conversation).unread, 0);
    const badge = model.waiting.length + unread;
    document.title = (badge ? `(${badge}) ` : "") + t("desk");
    for (const row of model.offers) {
      if (offered.has(row.conversation)) continue;
      offered.add(row.conversation);
      notices.notice(t("offered_to_you", { name: row.customer || t("guest"), reason: words(row.reason) }), () => open(row.conversation));
    }
    for (const id of offered) if (!model.offers.some((row) => row.conversation === id)) offered.delete(id);
    const ids = new Set(model.waiting.map((row) => row.conversation));
    if (known) for (const row of model.waiting) if (!known.has(row.conversation)) say(t("new_waiting", { name: row.customer || t("guest"), reason: words(row.reason) }));
    known = ids;
  };

  const open = (id) => {
    const isMine = model.mine.some((row) => row.conversation === selected);
    if (selected && selected !== id && !isMine) model.unwatch(selected);
    selected = id;
    app.dataset.page = id ? "talk" : "list";
    views.opened(id);
    if (id) {
      if (!model.watched.has(id)) model.watch(id);
      model.talk(id).unread = 0;
    }
    queue.select(id);
    talk.open(id);
    side.draw(id);
  };

  const views = new Views({ open, changed: () => showLists(), told });
  const queue = new Queue(model, {
    open,
    answer: async (id, accept) => {
      if (!accept) return actions.decline(id);
      if (await actions.claim(id)) open(id);
    },
    picked: () => drawBulk(),
    fits: views.fits,
  });
  const showLists = () => {
    for (const section of [queue.waiting.node, queue.mine.node]) section.hidden = views.asks || (section === queue.waiting.node && views.filter.view === "mine");
    queue.draw();
  };
  const talk = new TalkView(model, actions, {
    back: () => open(null),
    details: () => sideOpen(!app.classList.contains("with-side")),
    told,
  });
  const floor = new Floor(model, {
    open: (id) => (view("chats"), open(id)),
    assign: (ids) => actions.assign(ids),
    give: (id, to) => actions.wish("assign", id, { to }),
  });
  const disputes = new Disputes({ told, say });
  const view = (name) => {
    app.dataset.view = name;
    columns.hidden = name !== "chats";
    disputes.node.hidden = name !== "disputes";
    floor.node.hidden = name !== "floor";
    floor.draw();
    for (const [button, its] of [[toChats, "chats"], [toDisputes, "disputes"], [toFloor, "floor"]]) setAttr(button, "aria-pressed", String(name === its));
    if (name === "disputes") countDisputes();
  };
  const toChats = h("button", { type: "button", class: "btn", "aria-pressed": "true", text: t("chats"), on: { click: () => view("chats") } });
  const toDisputes = h("button", { type: "button", class: "btn", "aria-pressed": "false", text: t("disputes"), on: { click: () => view("disputes") } });
  const toFloor = h("button", { type: "button", class: "btn", hidden: true, "aria-pressed": "false", text: t("floor"), on: { click: () => view("floor") } });
  // The list is small and moves with the waiting list: at most one look at a time.
  const countDisputes = async () => {
    if (countDisputes.busy) return void (countDisputes.again = true);
    countDisputes.busy = true;
    await disputes.load();
    countDisputes.busy = false;
    if (countDisputes.again) {
      countDisputes.again = false;
      countDisputes();
    }
  };
  const side = new Side(model, {
    openCase: (id) => (view("disputes"), disputes.open(id)),
    fileDispute: async (customer, order) => {
      if (await disputes.file(customer, order)) view("disputes");
      if (selected) model.loadAccount(selected);
    },
    show: (seq) => talk.show(seq),
    open,
    account: (id, act) => actions.account(id, act),
    told,
  });
  const shutSide = h("button", { type: "button", class: "btn icon-only shut-side", "aria-label": t("close"), on: { click: () => sideOpen(false) } }, icon("close"));
  const sideOpen = (on) => {
    app.classList.toggle("with-side", on);
    if (on) shutSide.focus();
    else talk.title.focus({ preventScroll: true });
  };
  side.node.prepend(shutSide);

  const bulk = h("div", { class: "bulk", role: "group", "aria-label": t("bulk"), hidden: true });
  const drawBulk = () => {
    const ids = [...queue.ticked];
    bulk.hidden = ids.length === 0;
    const done = (act) => async () => {
      await act(ids);
      for (const id of ids) queue.tickRow(id, false);
    };
    const button = (name, act) => h("button", { type: "button", class: "btn", text: t(name), on: { click: done(act) } });
    bulk.replaceChildren(h("span", { class: "hint num", text: t("ticked", { n: ids.length }) }), ...(model.leads ? [button("assign", (all) => actions.assign(all))] : []), button("transfer", (all) => actions.transferAll(all)), button("resolve", (all) => actions.resolveAll(all)));
  };
  const accept = () => {
    const [offer] = model.offers;
    if (offer && selected !== offer.conversation && talk.claimButton.hidden) return queue.wants.answer(offer.conversation, true);
    return talk.claim();
  };
  const access = () => showAccess({ leads: model.leads });
  const shortcuts = () => showKeys(KEYS.map(([key, name]) => [key, t(name)]), { on: singleKeys.on, set: singleKeys.set });
  const acts = {
    next: () => queue.move(1),
    previous: () => queue.move(-1),
    claim: accept,
    decline: () => model.offers[0] && actions.decline(model.offers[0].conversation),
    reply: () => talk.write("reply"),
    note: () => talk.write("note"),
    transfer: () => talk.transfer(),
    snooze: () => talk.snooze(),
    release: () => talk.release(),
    give_back: () => talk.giveBack(),
    resolve: () => talk.resolve(),
    take_over: () => talk.takeOver(),
    search: () => (view("chats"), views.focus()),
    undo: () => notices.undo(),
    tick_row: () => queue.tickRow(),
    chats: () => view("chats"),
    disputes: () => view("disputes"),
    floor: () => model.leads && view("floor"),
    access,
    keys: shortcuts,
  };
  const commands = async () => {
    const key = await pick(t("commands"), Object.keys(acts).filter((name) => model.leads || !["floor", "take_over"].includes(name)).map((name) => ({ key: name, text: t(name), hint: KEYS.find(([, its]) => its === name)?.[0] })));
    if (key) acts[key]();
  };
  const keys = {
    ...Object.fromEntries(KEYS.filter(([, name]) => acts[name]).filter(([key]) => key.length === 1).map(([key, name]) => [key.toLowerCase(), acts[name]])),
    Escape: () => app.classList.contains("with-side") && sideOpen(false),
  };
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && !document.querySelector("dialog[open]")) {
      event.preventDefault();
      commands();
    }
  });
  listenKeys(keys);

  queue.node.prepend(views.node, bulk, views.found);
  const columns = h("div", { class: "columns" }, queue.node, talk.node, side.node);
  const app = h(
    "div",
    { class: "app", "data-page": "list", "data-view": "chats" },
    h(
      "header",
      { class: "top" },
      h("h1", { class: "brand", text: t("desk") }),
      h("div", { class: "views", role: "group", "aria-label": t("desk") }, toChats, toDisputes, toFloor),
      available,
      duty,
      h("span", { class: "grow" }),
      h("button", { type: "button", class: "btn quiet", text: t("commands"), "aria-keyshortcuts": "Control+K", on: { click: commands } }),
      h("button", { type: "button", class: "btn quiet", text: t("keys"), on: { click: shortcuts } }),
      h("button", { type: "button", class: "btn quiet me", "aria-label": t("access"), on: { click: access } }, me),
      h("button", { type: "button", class: "btn quiet", text: t("sign_out"), on: { click: () => signOut().then(() => location.reload()) } }),
    ),
    banner,
    columns,
    disputes.node,
    floor.node,
    notices.node,
    live,
  );
  document.body.replaceChildren(app);
  drawLine();
  queue.draw();
  model.link.start();
  showLists();
  if (views.filter.open) open(views.filter.open);
}

/** Single keys and what they do; the last ones are for reading only. */
const KEYS = [
  ["J", "next"],
  ["K", "previous"],
  ["C", "claim"],
  ["D", "decline"],
  ["R", "reply"],
  ["N", "note"],
  ["T", "transfer"],
  ["H", "snooze"],
  ["L", "release"],
  ["B", "give_back"],
  ["E", "resolve"],
  ["Z", "undo"],
  ["X", "tick_row"],
  ["S", "search"],
  ["U", "take_over"],
  ["F", "floor"],
  ["?", "keys"],
  ["/", "saved_replies"],
  ["Ctrl+K", "commands"],
  ["Ctrl+Enter", "send_reply"],
  ["Esc", "leave_field"],
];

if (await signedIn().catch(() => null)) openDesk();
else document.body.replaceChildren(signInPage(openDesk));
