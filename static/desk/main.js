// The desk: sign-in, then chats, disputes and the floor around one model.

import { h, icon, setAttr, setText } from "../lib/dom.js";
import { setLocale, t } from "../lib/i18n.js";
import { plain } from "../lib/markdown.js";
import { Actions } from "./actions.js";
import { Attention } from "./attention.js";
import { Bulk } from "./bulk.js";
import { startCommands } from "./commands.js";
import { Disputes } from "./disputes.js";
import { Floor } from "./floor.js";
import { Model } from "./model.js";
import { Notices } from "./notify.js";
import { Queue } from "./queue.js";
import { Side } from "./side.js";
import { signedIn, signInPage, signOut } from "./signin.js";
import { TalkView } from "./talk.js";
import { Views } from "./views.js";

const PHONE = matchMedia("(max-width: 719px)");
const FOR_LEADS = ["floor"];
const VIEWS = ["chats", "disputes", "floor", "suggestions"];
/** What is about the conversation that is open. */
const ABOUT_OPEN = ["reply", "note", "tick_row", "transfer", "snooze", "release", "give_back", "resolve", "take_over", "whisper"];

setLocale(navigator.language);

/** Draws with the next frame: many changes in one moment are one draw. */
function soon(draw) {
  let waits = false;
  return () => {
    if (waits) return;
    waits = true;
    requestAnimationFrame(() => {
      waits = false;
      draw();
    });
  };
}

function openDesk() {
  const live = h("div", { class: "sr", "aria-live": "polite" });
  const banner = h("div", { class: "banner", hidden: true }, icon("offline"), h("span", { text: t("offline") }));
  const duty = h("span", { class: "duty num" });
  const available = h("button", { type: "button", class: "btn switch", role: "switch", on: { click: () => model.setAvailable(available.getAttribute("aria-checked") !== "true").catch(told) } });
  const me = h("span", { class: "me" });
  const notices = new Notices(() => home());
  const { told } = notices;
  let selected = null;

  const say = (text) => {
    const line = h("div", { text });
    live.append(line);
    setTimeout(() => line.remove(), 1500);
  };
  const model = new Model({
    changed(what, id) {
      if (what === "line") return drawLine();
      if (what === "queue") {
        attention.look();
        if (app.dataset.view === "disputes") countDisputes();
        drawQueue();
      } else {
        queue.draw();
        if (id !== selected) return;
        model.read(id);
      }
      drawTalk();
    },
    live(id, event) {
      if (event.kind !== "message" || event.by.kind !== "customer") return;
      if (id === selected && document.visibilityState !== "hidden") return say(`${t("by_customer")}: ${plain(event.data.text)}`);
      model.talk(id).unread++;
      attention.look();
      queue.draw();
    },
    alert: (alert) => notices.notice(alert.text, alert.conversation ? () => show(alert.conversation) : undefined),
    signedOut: () => location.reload(),
  });
  const actions = new Actions(model, { told, undo: notices.undoable });

  const drawLine = () => {
    setAttr(available, "aria-checked", String(model.available));
    setText(available, t(model.available ? "available" : "away"));
    setText(me, model.me?.name ?? "");
    toFloor.hidden = !model.leads;
    toSuggestions.hidden = !model.teaches;
    toOps.hidden = !["ops", "admin"].includes(model.me?.role);
    banner.hidden = model.online || !model.me;
  };
  const drawQueue = soon(() => {
    queue.draw();
    floor.draw();
    setText(duty, t("on_duty", { n: model.onDuty }));
  });
  const drawTalk = soon(() => {
    talk.draw();
    side.draw(selected);
  });

  const open = (id) => {
    const isMine = model.mine.some((row) => row.conversation === selected);
    if (selected && selected !== id && !isMine) model.unwatch(selected);
    selected = id;
    app.dataset.page = id ? "talk" : "list";
    views.opened(id);
    if (id) {
      if (!model.watched.has(id)) model.watch(id);
      model.talk(id).unread = 0;
      attention.look();
    }
    queue.select(id);
    talk.open(id);
    side.draw(id);
    if (id && PHONE.matches) home();
  };
  /** Opens a conversation from another view, an offer or a toast. Who writes already keeps the focus. */
  const show = (id) => {
    view("chats");
    if (id !== selected) open(id);
    if (!talk.node.contains(document.activeElement)) home();
  };
  /** Where the focus goes when what had it is gone. */
  const home = () => (selected ? talk.title : (queue.node.querySelector(".item") ?? available)).focus({ preventScroll: true });
  const back = () => {
    const row = queue.node.querySelector('[aria-current="true"]');
    open(null);
    (row ?? views.field).focus();
  };

  const attention = new Attention(model, { say, notice: (text, go) => notices.notice(text, go), open: (id) => show(id) });
  const views = new Views({ open, changed: () => queue.draw(), told });
  const queue = new Queue(model, {
    open,
    answer: async (id, accept) => {
      if (!accept) return actions.decline(id).then(home);
      if (await actions.claim(id)) show(id);
    },
    picked: () => bulk.draw(model.leads),
    fits: views.fits,
    shows: (list) => !views.asks && (list === "mine" || views.filter.view !== "mine"),
  });
  const bulk = new Bulk(queue, { assign: (ids) => actions.assign(ids), transfer: (ids) => actions.transferAll(ids), resolve: (ids) => actions.resolveAll(ids) });
  const talk = new TalkView(model, actions, { back, details: () => sideOpen(!app.classList.contains("with-side")), more: () => commands.choose(), told });
  const floor = new Floor(model, {
    open: show,
    assign: (ids) => actions.assign(ids),
    give: (id, to) => actions.wish("assign", id, { to }),
  });
  const disputes = new Disputes({ told, say });
  const learning = h("main", { class: "suggestions", hidden: true, "aria-label": t("suggestions") });
  let suggestions = null;
  const showSuggestions = async () => {
    try {
      suggestions ??= new (await import("./suggestions.js")).Suggestions(learning, { told, say, open: show });
      await suggestions.load();
    } catch {
      told();
    }
  };
  const view = (name) => {
    app.dataset.view = name;
    columns.hidden = name !== "chats";
    disputes.node.hidden = name !== "disputes";
    floor.node.hidden = name !== "floor";
    learning.hidden = name !== "suggestions";
    floor.draw();
    for (const [at, its] of VIEWS.entries()) setAttr(viewButtons[at], "aria-pressed", String(name === its));
    if (name === "disputes") countDisputes();
    if (name === "suggestions") showSuggestions();
  };
  const viewButton = (name) => h("button", { type: "button", class: "btn", "aria-pressed": String(name === "chats"), text: t(name), on: { click: () => view(name) } });
  const viewButtons = VIEWS.map(viewButton);
  const [, , toFloor, toSuggestions] = viewButtons;
  toFloor.hidden = toSuggestions.hidden = true;
  const toOps = h("a", { class: "btn quiet", href: "/ops", hidden: true, text: t("operations") });
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
    show: (seq) => (app.classList.remove("with-side"), talk.show(seq)),
    open: show,
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

  const accept = () => {
    const [offer] = model.offers;
    if (offer && selected !== offer.conversation && !talk.can("claim")) return queue.wants.answer(offer.conversation, true);
    return talk.claim();
  };
  const access = () => import("./access.js").then(({ showAccess }) => showAccess({ leads: model.leads })).catch(() => told());
  const move = (step) => (app.dataset.view === "suggestions" ? suggestions?.move(step) : views.asks ? views.move(step) : queue.move(step));
  const can = (name) => {
    if (FOR_LEADS.includes(name)) return model.leads;
    if (name === "suggestions") return model.teaches;
    if (name === "claim") return model.offers.length > 0 || talk.can("claim");
    if (name === "decline") return model.offers.length > 0;
    return !ABOUT_OPEN.includes(name) || talk.can(name);
  };
  const commands = startCommands(
    {
      claim: accept,
      decline: () => queue.wants.answer(model.offers[0].conversation, false),
      reply: () => talk.write("reply"),
      note: () => talk.write("note"),
      transfer: () => talk.transfer(),
      snooze: () => talk.snooze(),
      release: () => talk.release(),
      give_back: () => talk.giveBack(),
      resolve: () => talk.resolve(),
      take_over: () => talk.takeOver(),
      whisper: () => talk.whisper(),
      undo: () => notices.undo(),
      next: () => move(1),
      previous: () => move(-1),
      tick_row: () => queue.tickRow(),
      search: () => (view("chats"), PHONE.matches && open(null), views.focus()),
      chats: () => view("chats"),
      disputes: () => view("disputes"),
      floor: () => view("floor"),
      suggestions: () => view("suggestions"),
      access,
    },
    can,
    () => app.classList.contains("with-side") && sideOpen(false),
  );

  queue.node.prepend(views.node, bulk.node, views.found);
  const columns = h("div", { class: "columns" }, queue.node, talk.node, side.node);
  const app = h(
    "div",
    { class: "app", "data-page": "list", "data-view": "chats" },
    h(
      "header",
      { class: "top" },
      h("h1", { class: "brand", text: t("desk") }),
      h("div", { class: "views", role: "group", "aria-label": t("desk") }, ...viewButtons),
      available,
      duty,
      h("span", { class: "grow" }),
      toOps,
      h("button", { type: "button", class: "btn quiet", text: t("commands"), "aria-keyshortcuts": "Control+K", on: { click: commands.choose } }),
      h("button", { type: "button", class: "btn quiet keys-button", text: t("keys"), on: { click: commands.keys } }),
      h("button", { type: "button", class: "btn quiet me", "aria-label": t("access"), on: { click: access } }, me),
      h("button", { type: "button", class: "btn quiet", text: t("sign_out"), on: { click: () => signOut().then(() => location.reload()) } }),
    ),
    banner,
    columns,
    disputes.node,
    floor.node,
    learning,
    notices.node,
    live,
  );
  document.body.replaceChildren(app);
  drawLine();
  queue.draw();
  model.link.start();
  if (views.filter.open) open(views.filter.open);
}

if (await signedIn().catch(() => null)) openDesk();
else document.body.replaceChildren(signInPage(openDesk));
