// A WebSocket that never gives up: back-off from 0.3 s doubling to 15 s with jitter, waking when the page or the network comes
// back, and a ping that finds a dead peer. What to say first and what a close means is decided by the owner.

const FIRST_MS = 300;
const LAST_MS = 15_000;
const PING_EVERY_MS = 25_000;
const PING_ANSWER_MS = 8_000;

/** Close codes after which coming back at once would only make it worse. */
const LATER = new Set([1013, 4002, 4008, 4013]);

export class Link {
  /**
   * @param {object} owner
   * @param {string} owner.url
   * @param {() => object | null} owner.hello the first frame; null when a cookie signs in
   * @param {(frame: any) => void} owner.onframe
   * @param {(state: "connecting"|"online"|"offline") => void} owner.onstate
   * @param {(code: number, reason: string) => boolean | void} [owner.onclose] false: do not come back
   */
  constructor(owner) {
    this.owner = owner;
    this.state = "offline";
    this.tries = 0;
    this.running = false;
    this.wake = () => this.#wake();
    this.lost = () => this.#closed(0, "offline");
  }

  start() {
    if (this.running) return;
    this.running = true;
    for (const name of ["online", "pageshow"]) addEventListener(name, this.wake);
    addEventListener("offline", this.lost);
    document.addEventListener("visibilitychange", this.wake);
    this.#connect();
  }

  stop() {
    this.running = false;
    for (const name of ["online", "pageshow"]) removeEventListener(name, this.wake);
    removeEventListener("offline", this.lost);
    document.removeEventListener("visibilitychange", this.wake);
    clearTimeout(this.timer);
    this.#drop();
    this.#set("offline");
  }

  /** Drops the socket and connects again at once, e.g. with another token. */
  restart() {
    if (!this.running) return;
    this.#drop();
    this.tries = 0;
    clearTimeout(this.timer);
    this.#connect();
  }

  /** Sends a frame; false when there is no line now. */
  send(frame) {
    if (this.state !== "online" || this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  #connect() {
    clearTimeout(this.timer);
    this.#drop();
    if (!this.running) return;
    this.#set("connecting");
    let socket;
    try {
      socket = new WebSocket(this.owner.url);
    } catch {
      this.#later(0);
      return;
    }
    this.socket = socket;
    this.timer = setTimeout(() => socket === this.socket && this.#closed(0, "no answer"), LAST_MS);
    socket.onopen = () => {
      const hello = this.owner.hello();
      if (hello) socket.send(JSON.stringify(hello));
    };
    socket.onmessage = (message) => {
      if (socket !== this.socket) return;
      let frame;
      try {
        frame = JSON.parse(message.data);
      } catch {
        return;
      }
      clearTimeout(this.deadline);
      if (frame.type === "welcome") {
        clearTimeout(this.timer);
        this.tries = 0;
        this.#set("online");
        this.#beat();
      }
      if (frame.type !== "pong") this.owner.onframe(frame);
    };
    socket.onclose = (event) => socket === this.socket && this.#closed(event.code, event.reason);
  }

  #closed(code, reason) {
    this.#drop();
    const again = this.owner.onclose?.(code, reason);
    if (again === false || !this.running) this.#set("offline");
    else this.#later(code);
  }

  #later(code) {
    this.#set("offline");
    const wait = Math.min(FIRST_MS * 2 ** this.tries, LAST_MS);
    this.tries = Math.min(this.tries + 1, 10);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#connect(), Math.max(wait * (0.5 + Math.random() / 2), LATER.has(code) ? 5000 : 0));
  }

  #drop() {
    clearTimeout(this.deadline);
    clearInterval(this.beat);
    const socket = this.socket;
    this.socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #beat() {
    clearInterval(this.beat);
    this.beat = setInterval(() => this.#ping(PING_ANSWER_MS), PING_EVERY_MS);
  }

  #ping(within) {
    clearTimeout(this.deadline);
    if (this.send({ type: "ping", t: 0 })) this.deadline = setTimeout(() => this.#closed(0, "no answer"), within);
  }

  #wake() {
    if (!this.running || document.visibilityState === "hidden") return;
    if (this.state === "online") this.#ping(3000);
    else if (this.state === "offline" && navigator.onLine !== false) this.#connect();
  }

  #set(state) {
    if (state === this.state) return;
    this.state = state;
    this.owner.onstate(state);
  }
}

/** The address of a socket of this server. */
export const socketUrl = (origin, path) => origin.replace(/^http/, "ws") + path;

/** A random UUID; works on plain-http pages too, where crypto.randomUUID is missing. */
export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}
