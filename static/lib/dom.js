// Small helpers to build and patch the page with DOM calls only, so that the strictest content policies hold.

const SVG = "http://www.w3.org/2000/svg";

/**
 * Makes an element. Props: `class`, `on` ({event: listener}), `text`, `value` or an attribute; a function says words, see `word`.
 * @param {string} tag
 * @param {Record<string, any>} [props] `undefined`, `null` and `false` leave an attribute out
 * @param {...(Node|string|null|undefined|false)} children
 * @returns {any}
 */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "on") for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    else if (typeof value === "function") word(node, name, value);
    else if (name === "text") node.textContent = value;
    else if (name === "value") node.value = value;
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** Sets text only when it differs, so that nothing is redrawn or read again. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Sets or removes an attribute only when it differs. */
export function setAttr(node, name, value) {
  if (value === null || value === undefined || value === false) node.removeAttribute(name);
  else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, String(value));
}

/**
 * Sets `text` or an attribute to words of the language in use; `reword` asks for them again.
 * @param {any} node
 * @param {string} name
 * @param {() => string} say
 */
export function word(node, name, say) {
  (node.words ??= {})[name] = say;
  if (name === "text") setText(node, say());
  else setAttr(node, name, say());
}

/** Says all words in and under an element again, in the language that is in use now. */
export function reword(root) {
  for (const node of [root, ...root.querySelectorAll("*")]) for (const [name, say] of Object.entries(node.words ?? {})) word(node, name, say);
}

/**
 * Patches the children of `parent` by key: a key that stays keeps its node object, and focus inside it.
 * @template T
 * @param {Element & {rows?: Map<string, any>}} parent
 * @param {T[]} items in the wanted order
 * @param {(item: T) => string} key
 * @param {(item: T) => Element} create
 * @param {(node: any, item: T) => void} [update] also called for new nodes
 */
export function keyed(parent, items, key, create, update) {
  const old = parent.rows ?? new Map();
  const rows = new Map();
  const holder = parent.getRootNode().activeElement;
  let before = parent.firstElementChild;
  for (const item of items) {
    const id = key(item);
    const node = old.get(id) ?? create(item);
    rows.set(id, node);
    update?.(node, item);
    if (node === before) before = before.nextElementSibling;
    else parent.insertBefore(node, before);
  }
  for (const [id, node] of old) if (!rows.has(id)) node.remove();
  // A node that moves loses the focus: it gets it back.
  if (holder && parent.contains(holder) && parent.getRootNode().activeElement !== holder) holder.focus({ preventScroll: true });
  parent.rows = rows;
}

/** The icons: path data on a 24 pixel grid; a leading `*` fills the shape. */
const ICONS = {
  spark: ["*M12 2.5l2.1 6.1a2 2 0 0 0 1.3 1.3l6.1 2.1-6.1 2.1a2 2 0 0 0-1.3 1.3L12 21.5l-2.1-6.1a2 2 0 0 0-1.3-1.3L2.5 12l6.1-2.1a2 2 0 0 0 1.3-1.3z"],
  close: ["M6 6l12 12M18 6L6 18"],
  send: ["M5 12h13M12 5l7 7-7 7"],
  person: ["M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8z", "M4.5 20.5a7.5 7.5 0 0 1 15 0"],
  clock: ["M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z", "M12 7v5l3 2"],
  offline: ["M3 3l18 18", "M8.5 16.4a5 5 0 0 1 7 0", "M5 12.9a10 10 0 0 1 4-2.4", "M19 12.9a10 10 0 0 0-4.5-2.6", "*M12 21a1 1 0 1 0 0-2 1 1 0 0 0 0 2z"],
  note: ["M5 4h14v11l-5 5H5z", "M14 20v-5h5"],
  gear: ["M4 7h10M18 7h2M4 17h2M10 17h10", "M16 9a2 2 0 1 0 0-4 2 2 0 0 0 0 4z", "M8 19a2 2 0 1 0 0-4 2 2 0 0 0 0 4z"],
  branch: ["M6 4v16", "M6 12c7 0 12-1 12-6", "M15 8l3-3 3 3"],
  back: ["M15 5l-7 7 7 7"],
  panel: ["M4 5h16v14H4z", "M15 5v14"],
  info: ["M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z", "M12 11v5", "*M12 9a1 1 0 1 0 0-2 1 1 0 0 0 0 2z"],
  card: ["M3 6h18v12H3z", "M3 10h18"],
  check: ["M5 12.5l4.5 4.5L19 7.5"],
  star: ["M12 4l2.4 5 5.6.7-4.1 3.8 1.1 5.5-5-2.8-5 2.8 1.1-5.5L4 9.7 9.6 9z"],
  clip: ["M20 11l-8.5 8.5a5 5 0 0 1-7-7L13 4a3.4 3.4 0 0 1 4.8 4.8l-8.5 8.5a1.7 1.7 0 0 1-2.4-2.4L14.5 7.3"],
};

/** A decorative icon: always beside words or inside a named button. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [key, value] of [["viewBox", "0 0 24 24"], ["class", "icon"], ["aria-hidden", "true"], ["focusable", "false"]]) svg.setAttribute(key, value);
  for (const shape of ICONS[name] ?? []) {
    const path = document.createElementNS(SVG, "path");
    if (shape[0] === "*") path.setAttribute("class", "solid");
    path.setAttribute("d", shape.replace("*", ""));
    svg.append(path);
  }
  return svg;
}

/** Three dots that say "somebody is typing"; the words stand beside them. */
export const dots = () => h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i"));

/** Adds style sheets to a document or shadow root without a style element. */
export function adopt(root, ...texts) {
  const sheets = texts.map((text) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    return sheet;
  });
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, ...sheets];
}

/** The element with the focus, looking through shadow roots. */
export function focused() {
  let active = document.activeElement;
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
  return active;
}
