// What the widget keeps on the customer's device: which conversation, how far it was read, and messages that are not yet
// acknowledged. One entry a message, so that two tabs never overwrite each other. Without storage it lives in memory.

/** @param {string} [app] keeps two installations on one site apart */
export function openStore(app = "") {
  const prefix = `redress.${app}.`;
  const memory = new Map();
  let area = null;
  try {
    area = window.localStorage;
    area.getItem(prefix);
  } catch {
    area = null;
  }
  const get = (name) => {
    try {
      return JSON.parse((area ? area.getItem(prefix + name) : memory.get(name)) ?? "null");
    } catch {
      return null;
    }
  };
  const set = (name, value) => {
    const text = JSON.stringify(value);
    memory.set(name, text);
    try {
      area?.setItem(prefix + name, text);
    } catch {
      area = null; // full or forbidden: memory still has it
    }
  };
  const remove = (name) => {
    memory.delete(name);
    area?.removeItem(prefix + name);
  };
  const names = () => (area ? Object.keys(area).filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length)) : [...memory.keys()]);

  let counter = 0;
  return {
    /** `{conversation, resume, level}` or null. */
    conversation: () => get("conversation"),
    keepConversation: (value) => (value ? set("conversation", value) : remove("conversation")),
    readUpTo: () => get("read") ?? 0,
    keepRead: (seq) => set("read", seq),
    /** Messages to deliver, oldest first. */
    outbox: () =>
      names()
        .filter((name) => name.startsWith("out."))
        .sort()
        .map((name) => ({ name, ...get(name) }))
        .filter((item) => item.frame),
    /** Keeps a message until it is acknowledged; answers the item. */
    keep(item) {
      const name = `out.${String(Date.now()).padStart(15, "0")}.${String(counter++).padStart(6, "0")}.${item.frame.id}`;
      set(name, item);
      return { name, ...item };
    },
    drop: (item) => remove(item.name),
    clear() {
      for (const name of names()) remove(name);
      memory.clear();
    },
    /** Calls back when another tab changed `conversation` or `read`. */
    watch(listener) {
      const heard = (event) => event.storageArea === area && (event.key === null || event.key?.startsWith(prefix)) && listener(event.key?.slice(prefix.length) ?? null);
      addEventListener("storage", heard);
      return () => removeEventListener("storage", heard);
    },
  };
}
