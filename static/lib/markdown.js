// Draws the part of CommonMark that messages use: paragraphs, line breaks, bold, italics, code, lists, links. Builds nodes
// and never markup, so whatever stands in a message can only become text.

import { h } from "./dom.js";

const LINK_SCHEMES = new Set(["http:", "https:", "mailto:"]);
const BULLET = /^ {0,3}[-*+] +(.*)$/;
const NUMBER = /^ {0,3}(\d{1,9})[.)] +(.*)$/;
const INLINE = /\\([\\`*_{}[\]()#+\-.!<>~|])|`([^`]+)`|\*\*(?=\S)([^]*?\S)\*\*|\*(?=[^\s*])([^*]*?[^\s*])\*|(?<![\w_])_(?=[^\s_])([^_]*?[^\s_])_(?![\w_])|\[([^\]]+)\]\(\s*([^\s)]+)\s*\)|<((?:https?:\/\/|mailto:)[^\s<>]+)>|(https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)\]])/;

/** An address that may be followed, or nothing. */
function safeAddress(text) {
  try {
    const address = new URL(text);
    return LINK_SCHEMES.has(address.protocol) ? address.href : null;
  } catch {
    return null;
  }
}

function link(address, children) {
  const href = safeAddress(address);
  if (!href) return h("span", {}, ...children);
  return h("a", { href, rel: "noopener noreferrer nofollow", target: "_blank" }, ...children);
}

/** @returns {(Node|string)[]} */
function inline(text, depth = 0) {
  const out = [];
  let rest = text;
  while (rest) {
    const match = depth > 5 ? null : INLINE.exec(rest);
    if (!match) {
      out.push(...broken(rest));
      break;
    }
    out.push(...broken(rest.slice(0, match.index)));
    const [whole, escaped, code, bold, starred, underlined, label, target, bracketed, bare] = match;
    if (escaped !== undefined) out.push(escaped);
    else if (code !== undefined) out.push(h("code", { text: code }));
    else if (bold !== undefined) out.push(h("strong", {}, ...inline(bold, depth + 1)));
    else if (starred !== undefined || underlined !== undefined) out.push(h("em", {}, ...inline(starred ?? underlined, depth + 1)));
    else if (label !== undefined) out.push(link(target, inline(label, depth + 1)));
    else out.push(link(bracketed ?? bare, [(bracketed ?? bare).replace(/^mailto:/, "")]));
    rest = rest.slice(match.index + whole.length);
  }
  return out;
}

/** Text with its line breaks kept. */
function broken(text) {
  return text.split("\n").flatMap((line, at) => (at ? [h("br"), line] : [line])).filter((part) => part !== "");
}

/**
 * @param {string} text
 * @returns {DocumentFragment}
 */
export function markdown(text) {
  const out = document.createDocumentFragment();
  let lines = [];
  let list = null;
  const flush = () => {
    if (lines.length) out.append(h("p", {}, ...inline(lines.join("\n"))));
    lines = [];
  };
  for (const line of String(text).replace(/\r\n?/g, "\n").split("\n")) {
    const bullet = BULLET.exec(line);
    const number = bullet ? null : NUMBER.exec(line);
    if (bullet || number) {
      flush();
      const tag = bullet ? "UL" : "OL";
      if (list?.tagName !== tag) {
        list = h(tag, number && number[1] !== "1" ? { start: Number(number[1]) } : {});
        out.append(list);
      }
      list.append(h("li", {}, ...inline(bullet ? bullet[1] : number[2])));
    } else if (!line.trim()) {
      flush();
      list = null;
    } else if (list && /^\s+\S/.test(line)) {
      list.lastElementChild.append(h("br"), ...inline(line.trim()));
    } else {
      list = null;
      lines.push(line.replace(/^#{1,6} +/, "").trimEnd());
    }
  }
  flush();
  return out;
}

/** The same message as plain words, for announcements and previews. */
export function plain(text) {
  return (markdown(text).textContent ?? "").replace(/\s+/g, " ").trim();
}
