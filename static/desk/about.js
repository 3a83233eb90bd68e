// What a conversation was about, asked when it is ended and the bot can learn from the answer: filled in with what the agent's acts tell.

import { h, setText } from "../lib/dom.js";
import { t } from "../lib/i18n.js";

const ask = async (path) => {
  const answer = await fetch(`/api/desk/${path}`);
  return answer.ok ? answer.json() : {};
};

/** All intents as options, by their titles. */
export async function intentOptions() {
  const { intents = [] } = await ask("intents");
  return intents.map(({ intent, title }) => h("option", { value: intent, text: title }));
}

/** A field that shows itself once it is known that there is something to ask. Ending goes without it, too. */
export function aboutField(conversation) {
  const choice = h("select", { "aria-describedby": "about-why" });
  const why = h("span", { class: "hint", id: "about-why" });
  const node = h("label", { class: "asked", hidden: true }, h("span", { text: t("about") }), choice, why);
  const fill = async () => {
    const found = await ask(`conversations/${encodeURIComponent(conversation)}/about`);
    if (!found.ask) return;
    choice.append(h("option", { value: "", text: t("about_unsaid") }), ...(await intentOptions()), h("option", { value: "none", text: t("about_none") }));
    if (found.intent) choice.value = found.intent;
    setText(why, found.why ? t("about_why", { why: found.why }) : t("about_hint"));
    node.hidden = false;
  };
  // Without an answer the conversation is ended all the same.
  fill().catch(() => {});
  return { node, value: () => (node.hidden ? "" : choice.value) };
}
