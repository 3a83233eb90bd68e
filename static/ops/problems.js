// Problems and changes in the words of `redress check`: where, what, and what to do instead.

import { h } from "../lib/dom.js";
import { t } from "../lib/i18n.js";

/** Text with `names` in code. */
export function coded(text) {
  return String(text)
    .split("`")
    .map((part, at) => (at % 2 ? h("code", { text: part }) : part))
    .filter((part) => part !== "");
}

/** The address of a file in this page, at a line. */
export const fileHash = (path, line) => `#file/${path}${line ? `:${line}` : ""}`;

const place = ({ file, line, column }) => (line ? `${file}:${line}:${column}` : file);

/** One problem; its place leads to the line. */
function row(problem, go) {
  const link = h("a", { class: "place num", href: fileHash(problem.file, problem.line), text: place(problem), ...(go && { on: { click: (event) => go(problem, event) } }) });
  const mark = problem.severity === "error" ? h("span", { class: "tag bad", text: t("error") }) : h("span", { class: `tag ${problem.severity === "warning" ? "warn" : ""}`, text: t(problem.severity) });
  return h("li", {}, h("span", { class: "where" }, mark, link), h("span", {}, ...coded(`${problem.problem}. ${problem.remedy}`)));
}

/**
 * @param {any[]} problems
 * @param {(problem: any, event: Event) => void} [go] what a press on the place does besides
 */
export const problemList = (problems, go) => h("ul", { class: "problems" }, ...problems.map((problem) => row(problem, go)));

/** What an edit changes in how messages are read: worse ones first. */
export function changeList(changes) {
  if (!changes) return h("p", { class: "hint", text: t("no_reading") });
  const { added, removed, moved, flips } = changes;
  const percent = (share) => `${Math.round(share * 100)}\u00a0%`;
  const facts = [
    ...added.map((name) => t("is_new", { name })),
    ...removed.map((name) => t("is_gone", { name })),
    ...[...moved].sort((a, b) => a[2] - a[1] - (b[2] - b[1])).map(([name, before, now]) => t(now > before ? "gained" : "lost", { name, before: percent(before), now: percent(now) })),
  ];
  if (!facts.length && !flips.length) return h("p", { class: "fine", text: t("all_as_before") });
  const worse = flips.filter((flip) => flip.worse).length;
  const flip = ({ place: at, text, before, now, worse: isWorse }) => {
    const [path, line] = at.split(":");
    return h(
      "li",
      {},
      h("span", { class: "where" }, h("span", { class: `tag ${isWorse ? "bad" : ""}`, text: t(isWorse ? "worse" : "otherwise") }), h("a", { class: "place num", href: fileHash(path, line), text: at })),
      h("q", { text }),
      h("span", {}, t("was"), " ", ...coded(before), " · ", t("now"), " ", ...coded(now)),
    );
  };
  return h(
    "div",
    { class: "changes" },
    facts.length > 0 && h("ul", { class: "facts" }, ...facts.map((fact) => h("li", {}, ...coded(fact)))),
    flips.length > 0 && h("p", { text: t("flips", { n: flips.length, worse }) }),
    flips.length > 0 && h("ul", { class: "problems" }, ...flips.map(flip)),
  );
}
