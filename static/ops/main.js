// The operations page: sign-in, then the content, messages to try, prompts, suggestions and numbers, each at an address of its own.

import { h, icon, setAttr, setText } from "../lib/dom.js";
import { setLocale, t } from "../lib/i18n.js";
import { signedIn, signInPage, signOut } from "../desk/signin.js";
import { Content } from "./content.js";
import { Editor, hasDraft } from "./editor.js";
import { Live } from "./live.js";
import { NumbersView } from "./numbers.js";
import { PromptView } from "./prompts.js";
import { Suggestions } from "./suggestions.js";
import "./texts.js";
import { Playground } from "./try.js";

const ROLES = ["ops", "admin"];
const VIEWS = ["content", "try", "prompts", "suggestions", "numbers"];

setLocale(navigator.language);

/** Somebody is signed in who has nothing to do here. */
function refusedPage(agent) {
  const again = h("button", { type: "button", class: "btn primary", text: t("sign_in_again"), on: { click: () => signOut().then(() => location.reload()) } });
  document.title = t("not_for_you");
  return h(
    "main",
    { class: "sign-in-page" },
    h("div", { class: "sign-in" }, h("h1", { text: t("not_for_you") }), h("p", { text: t("your_role", { name: agent.name, role: agent.role }) }), again, h("a", { class: "btn", href: "/desk", text: t("to_desk") })),
  );
}

function openPage(agent) {
  const live = h("div", { class: "sr", "aria-live": "polite" });
  const toast = h("div", { class: "toast", hidden: true });
  const banner = h("div", { class: "banner", hidden: true }, icon("offline"), h("span", { text: t("no_server") }));
  const alarm = h("a", { class: "tag bad", href: "#content", hidden: true });
  let hides;
  const say = (text) => {
    setText(live, text);
    setText(toast, text);
    toast.hidden = false;
    clearTimeout(hides);
    hides = setTimeout(() => ((toast.hidden = true), setText(live, "")), 6000);
    watcher.look();
  };
  const page = { say };
  const views = { content: new Content(), file: new Editor(page), try: new Playground(page), prompts: new PromptView(page), suggestions: new Suggestions(page), numbers: new NumbersView() };
  const links = VIEWS.map((name) => h("a", { href: `#${name}`, text: t(name) }));
  const main = h("main", { id: "main" }, ...Object.values(views).map((view) => view.node));
  let shown = null;

  const watcher = new Live({
    changed: (report) => {
      views.content.draw(report);
      alarm.hidden = !report.rejected;
      setText(alarm, t("edit_refused"));
    },
    reached: (online) => (banner.hidden = online),
    signedOut: () => location.reload(),
  });

  /** Shows what the address names: `#content`, `#file/PATH:LINE`, `#try`, `#prompts/USE`, `#suggestions`, `#numbers`. */
  const route = () => {
    const [name, ...rest] = decodeURIComponent(location.hash.slice(1)).split("/");
    const known = views[name] ? name : "content";
    for (const [its, view] of Object.entries(views)) view.node.hidden = its !== known;
    for (const [at, link] of links.entries()) setAttr(link, "aria-current", (VIEWS[at] === known || (known === "file" && at === 0)) && "page");
    const [, path, line] = /^(.*?)(?::(\d+))?$/.exec(rest.join("/"));
    document.title = `${known === "file" ? path : t(known)} · ${t("operations")}`;
    views[known].open?.(path || undefined, Number(line) || 0);
    // The first one is where the browser has put us; after that the new view is announced by its title.
    if (shown && shown !== known && !line) views[known].node.querySelector(".title").focus();
    shown = known;
  };
  addEventListener("hashchange", route);
  addEventListener("beforeunload", (event) => (hasDraft() || views.prompts.texts.size > 0) && event.preventDefault());

  document.body.replaceChildren(
    h("a", { class: "skip", href: "#main", text: t("skip"), on: { click: (event) => (event.preventDefault(), views[shown].node.querySelector(".title").focus()) } }),
    h(
      "header",
      { class: "top" },
      h("h1", { class: "brand", text: t("operations") }),
      h("nav", { class: "views", "aria-label": t("operations") }, ...links),
      alarm,
      h("span", { class: "grow" }),
      h("span", { class: "me", text: agent.name }),
      h("a", { href: "/desk", text: t("desk") }),
      h("button", { type: "button", class: "btn quiet", text: t("sign_out"), on: { click: () => signOut().then(() => location.reload()) } }),
    ),
    banner,
    main,
    toast,
    live,
  );
  watcher.start();
  route();
}

/** The page of whoever is signed in now. */
async function enter() {
  const agent = await signedIn().catch(() => null);
  if (!agent) document.body.replaceChildren(signInPage(enter, ROLES));
  else if (!ROLES.includes(agent.role)) document.body.replaceChildren(refusedPage(agent));
  else openPage(agent);
}

await enter();
