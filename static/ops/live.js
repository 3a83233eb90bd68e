// What stands in the content, looked at every second while the page is seen: the server answers "nothing has moved" with next to nothing.

const EVERY_MS = 1000;

export class Live {
  /**
   * @param {object} owner
   * @param {(report: any) => void} owner.changed something has moved
   * @param {(online: boolean) => void} owner.reached whether the server answers
   * @param {() => void} owner.signedOut
   */
  constructor(owner) {
    this.owner = owner;
    this.report = null;
    this.tag = "";
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.look());
  }

  start() {
    this.look();
    setInterval(() => document.visibilityState === "visible" && this.look(), EVERY_MS);
  }

  /** Looks now; at most one look at a time. */
  look() {
    this.looking ??= this.#look().finally(() => (this.looking = null));
    return this.looking;
  }

  async #look() {
    let answer;
    try {
      answer = await fetch("/api/ops/content", { cache: "no-store", headers: this.tag ? { "if-none-match": this.tag } : {} });
    } catch {
      return this.owner.reached(false);
    }
    if (answer.status === 401 || answer.status === 403) return this.owner.signedOut();
    this.owner.reached(answer.ok || answer.status === 304);
    if (!answer.ok) return;
    this.report = await answer.json();
    this.tag = answer.headers.get("etag") ?? "";
    this.owner.changed(this.report);
  }

  /** A file of the content by its path. */
  file(path) {
    return this.report?.files.find((file) => file.path === path);
  }
}
