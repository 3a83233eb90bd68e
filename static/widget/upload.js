// Files for a dispute: each with its progress, taken up again after a cut where it was, refused in words. Loaded with the first file.

import { h, icon, word } from "../lib/dom.js";
import { currentLocale, t } from "../lib/i18n.js";

const RETRY_MS = [500, 1000, 2000, 4000, 8000];
const KEPT = 7 * 1024 * 1024;

export class Uploads {
  /**
   * @param {import("./session.js").Session} session
   * @param {(text: string) => void} say speaks a line
   */
  constructor(session, say) {
    this.session = session;
    this.say = say;
    this.node = h("ul", { class: "uploads", "aria-label": () => t("files") });
  }

  add(files) {
    for (const file of files) this.#start(file);
  }

  async #start(file) {
    const bar = h("progress", { max: 1, value: 0, "aria-label": () => t("upload_of", { name: file.name }) });
    const state = h("span", { class: "state num" });
    const gone = new AbortController();
    const remove = () => (gone.abort(), row.remove());
    const stop = h("button", { type: "button", class: "btn icon-only", "aria-label": () => t("remove", { name: file.name }), on: { click: remove } }, icon("close"));
    const row = h("li", { class: "upload" }, h("span", { class: "name plain", dir: "auto", text: file.name }), state, stop, bar);
    this.node.append(row);
    const tell = (say) => (word(state, "text", say), this.say(`${file.name}: ${say()}`));
    try {
      if (file.size > KEPT) throw new Refused(() => t("file_too_large"));
      const begun = await this.#begin(file, row, gone.signal);
      word(state, "text", () => t("sending_file"));
      await this.#send(file, begun.id, bar, state, gone.signal);
      bar.remove();
      tell(() => t("file_sent"));
      setTimeout(() => row.remove(), 4000);
    } catch (error) {
      if (gone.signal.aborted) return;
      bar.remove();
      row.classList.add("bad");
      tell(error instanceof Refused ? error.say : () => t("file_failed"));
    }
  }

  /** Begins it; when several disputes are open the customer says which one it is for. */
  async #begin(file, row, signal, dispute) {
    const body = { conversation: this.session.store.conversation()?.conversation ?? "", name: file.name, size: file.size, locale: currentLocale(), ...(dispute && { dispute }) };
    const answer = await this.#ask("", { method: "POST", body: JSON.stringify(body), signal });
    if (answer.status === 201) return answer.value;
    if (answer.status !== 300) throw new Refused(() => answer.value.detail ?? t("file_failed"));
    const wanted = await new Promise((resolve) => {
      const buttons = answer.value.choices.map((choice) => h("button", { type: "button", class: "btn choice", text: choice.label, on: { click: () => (asked.remove(), resolve(choice.dispute)) } }));
      const asked = h("div", { class: "choices", role: "group", "aria-label": () => t("which_case") }, h("p", { text: () => t("which_case") }), ...buttons);
      row.append(asked);
    });
    return this.#begin(file, row, signal, wanted);
  }

  /** Sends from where the server stands, until it has all of it; a cut only costs the way to the next try. */
  async #send(file, id, bar, state, signal) {
    let offset = 0;
    for (let tries = 0; ; tries++) {
      try {
        const answer = await this.#part(file, id, offset, bar, signal);
        if (answer.status === 200 && answer.value.done) return;
        if ([400, 401, 403, 404, 422].includes(answer.status)) throw new Refused(() => answer.value.detail ?? t("file_failed"));
        if (answer.status === 200) tries = 0;
      } catch (error) {
        if (signal.aborted || error instanceof Refused) throw error;
      }
      word(state, "text", () => t("file_waits"));
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS[Math.min(tries, RETRY_MS.length - 1)]));
      if (signal.aborted) throw new Error("removed");
      const there = await this.#ask(`/${id}`, { signal }).catch(() => null);
      if (there?.status === 404) throw new Refused(() => t("file_failed"));
      if (there?.status === 200) offset = there.value.offset;
      word(state, "text", () => t("sending_file"));
    }
  }

  /** One part, by the one way that tells its progress. */
  #part(file, id, offset, bar, signal) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("PUT", `${this.session.origin}/api/evidence/${id}?offset=${offset}&locale=${encodeURIComponent(currentLocale())}`);
      request.setRequestHeader("authorization", `Bearer ${this.session.token}`);
      request.upload.onprogress = (event) => (bar.value = (offset + event.loaded) / file.size);
      request.onload = () => {
        let value = {};
        try {
          value = JSON.parse(request.responseText);
        } catch {
          // something between us and the server answered
        }
        resolve({ status: request.status, value });
      };
      request.onerror = request.onabort = () => reject(new Error("cut"));
      signal.addEventListener("abort", () => request.abort());
      request.send(file.slice(offset));
    });
  }

  async #ask(path, options) {
    const answer = await fetch(`${this.session.origin}/api/evidence${path}`, { ...options, headers: { authorization: `Bearer ${this.session.token}`, "content-type": "application/json" } });
    return { status: answer.status, value: await answer.json().catch(() => ({})) };
  }
}

/** Not taken, with the words for the customer: the server's own, where it had some. */
class Refused extends Error {
  constructor(say) {
    super("refused");
    this.say = say;
  }
}
