// Single keys: inert in fields and dialogs, and can be switched off (screen readers and speech input need that).

const STORED = "desk.keys";

export const singleKeys = {
  get on() {
    return localStorage.getItem(STORED) !== "off";
  },
  set(on) {
    if (on) localStorage.removeItem(STORED);
    else localStorage.setItem(STORED, "off");
  },
};

/** @param {Record<string, () => void>} actions by key */
export function listenKeys(actions) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable], dialog")) return;
    const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action || (event.key.length === 1 && !singleKeys.on)) return;
    event.preventDefault();
    action();
  });
}
