// The desk: sign-in, then three columns that share one model.

import { h, icon, setAttr, setText } from "../lib/dom.js";
import { setLocale, t } from "../lib/i18n.js";
import { plain } from "../lib/markdown.js";
import { showKeys } from "./dialogs.js";
import { Disputes } from "./disputes.js";
import { listenKeys, singleKeys } from "./keys.js";
import { Model } from "./model.js";
import { Queue } from "./queue.js";
import { Side } from "./side.js";
import { signedIn, signInPage, signOut } from "./signin.js";
import { TalkView } from "./talk.js";
import { words } from "./texts.js";

const TOAST_MS = 8000;

setLocale(navigator.language);

function openDesk() {
  const live = h("div", { class: "sr", "aria-live": "polite" });
  const toast = h("div", { class: "toast", role: "alert" });
  const banner = h("div", { class: "banner", hidden: true }, icon("offline"), h("span", { text: t("offline") }));
  const duty = h("span", { class: "duty num" });
  const available = h("button", { type: "button", class: "btn switch", role: "switch", on: { click: () => model.setAvailable(!model.available).catch(told) } });
  const me = h("span", { class: "me" });
  let selected = null;
  let known = null;

  const say = (text) => {
    const line = h("div", { text });
    live.append(line);
    setTimeout(() => line.remove(), 1500);
  };
  const told = (error) => {
    toast.textContent = error?.message ?? t("not_sent");
    clearTimeout(told.timer);
    told.timer = setTimeout(() => (toast.textContent = ""), TOAST_MS);
  };

  const model = new Model({
    changed(what, id) {
      if (what === "queue") {
        if (app.dataset.view === "disputes") countDisputes();
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
    signedOut: () => location.reload(),
  });

  const drawLine = () => {
    setAttr(available, "aria-checked", String(model.available));
    setText(available, t(model.available ? "available" : "away"));
    setText(me, model.me?.name ?? "");
    banner.hidden = model.online || !model.me;
  };

  const drawQueue = () => {
    queue.draw();
    talk.draw();
    setText(duty, t("on_duty", { n: model.onDuty }));
    document.title = (model.waiting.length ? `(${model.waiting.length}) ` : "") + t("desk");
    const ids = new Set(model.waiting.map((row) => row.conversation));
    if (known) for (const row of model.waiting) if (!known.has(row.conversation)) say(t("new_waiting", { name: row.customer || t("guest"), reason: words(row.reason) }));
    known = ids;
  };

  const open = (id) => {
    const isMine = model.mine.some((row) => row.conversation === selected);
    if (selected && selected !== id && !isMine) model.unwatch(selected);
    selected = id;
    app.dataset.page = id ? "talk" : "list";
    history.replaceState(null, "", id ? `#${id}` : location.pathname);
    if (id) {
      if (!model.watched.has(id)) model.watch(id);
      model.talk(id).unread = 0;
    }
    queue.select(id);
    talk.open(id);
    side.draw(id);
  };

  const queue = new Queue(model, open);
  const talk = new TalkView(model, {
    back: () => open(null),
    details: () => sideOpen(!app.classList.contains("with-side")),
    done: () => queue.node.focus(),
    told,
  });
  const disputes = new Disputes({ told, say });
  const view = (name) => {
    app.dataset.view = name;
    columns.hidden = name !== "chats";
    disputes.node.hidden = name === "chats";
    for (const [button, its] of [[toChats, "chats"], [toDisputes, "disputes"]]) setAttr(button, "aria-pressed", String(name === its));
    if (name === "disputes") countDisputes();
  };
  const toChats = h("button", { type: "button", class: "btn", "aria-pressed": "true", text: t("chats"), on: { click: () => view("chats") } });
  const toDisputes = h("button", { type: "button", class: "btn", "aria-pressed": "false", text: t("disputes"), on: { click: () => view("disputes") } });
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
  });
  const shutSide = h("button", { type: "button", class: "btn icon-only shut-side", "aria-label": t("close"), on: { click: () => sideOpen(false) } }, icon("close"));
  const sideOpen = (on) => {
    app.classList.toggle("with-side", on);
    if (on) shutSide.focus();
    else talk.title.focus({ preventScroll: true });
  };
  side.node.prepend(shutSide);

  const keys = {
    j: () => queue.move(1),
    k: () => queue.move(-1),
    c: () => talk.claim(),
    r: () => talk.write("reply"),
    n: () => talk.write("note"),
    e: () => talk.resolve(),
    Escape: () => app.classList.contains("with-side") && sideOpen(false),
    "?": () => showKeys(KEYS, { on: singleKeys.on, set: singleKeys.set }),
  };
  listenKeys(keys);

  const columns = h("div", { class: "columns" }, queue.node, talk.node, side.node);
  const app = h(
    "div",
    { class: "app", "data-page": "list", "data-view": "chats" },
    h(
      "header",
      { class: "top" },
      h("h1", { class: "brand", text: t("desk") }),
      h("div", { class: "views", role: "group", "aria-label": t("desk") }, toChats, toDisputes),
      available,
      duty,
      h("span", { class: "grow" }),
      h("button", { type: "button", class: "btn quiet", text: t("keys"), on: { click: keys["?"] } }),
      me,
      h("button", { type: "button", class: "btn quiet", text: t("sign_out"), on: { click: () => signOut().then(() => location.reload()) } }),
    ),
    banner,
    columns,
    disputes.node,
    toast,
    live,
  );
  document.body.replaceChildren(app);
  drawLine();
  queue.draw();
  model.link.start();
  const wanted = location.hash.slice(1);
  if (wanted && wanted !== "demo") open(wanted);
}

const KEYS = [
  ["J / K", "Next / previous conversation"],
  ["C", "Claim"],
  ["R", "Reply"],
  ["N", "Note"],
  ["E", "Resolve"],
  ["Ctrl+Enter", "Send"],
  ["Esc", "Leave the field"],
  ["?", "These keys"],
];

if (await signedIn().catch(() => null)) openDesk();
else document.body.replaceChildren(signInPage(openDesk));
