// What the checks share: the browser, a shop on another origin, a line that can be cut, the server's API.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { connect, createServer as createTcpServer } from "node:net";
import { brotliCompressSync } from "node:zlib";
import { chromium } from "playwright-core";
import { Chat } from "./chat.mjs";
import { Desk } from "./deskpage.mjs";

const BASE = (process.env.REDRESS_URL ?? "").replace(/\/$/, "");
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const STEP_MS = 30_000;

/** Waits until `probe` is true (or answers something); fails with `what`. */
export async function until(what, probe, ms = STEP_MS) {
  const end = Date.now() + ms;
  let last;
  for (;;) {
    try {
      const found = await probe();
      if (found) return found;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) assert.fail(`waited ${ms / 1000} s for: ${what}${last ? ` (${last.message.split("\n")[0]})` : ""}`);
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
}

export async function startKit(executablePath) {
  const browser = await chromium.launch({ executablePath, args: FLAGS });
  const shop = await startShop();
  const demo = await (await fetch(`${BASE}/api/demo`)).json();
  const contexts = [];
  const lines = [];

  const kit = {
    base: BASE,
    shopUrl: shop.url,
    agents: demo.agents,

    /** A fresh browser profile; `noise` collects console errors, page errors, dialogs and policy reports. */
    async profile(options = {}) {
      const context = await browser.newContext({ viewport: { width: 1200, height: 860 }, locale: "en-GB", reducedMotion: "reduce", ...options });
      context.setDefaultTimeout(STEP_MS);
      contexts.push(context);
      context.noise = [];
      await context.addInitScript(() => addEventListener("securitypolicyviolation", (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`)));
      context.on("page", (page) => {
        page.on("console", (message) => message.type() === "error" && context.noise.push(message.text()));
        page.on("pageerror", (error) => context.noise.push(String(error)));
        page.on("dialog", (dialog) => (context.noise.push(`dialog: ${dialog.message()}`), dialog.dismiss()));
      });
      return context;
    },

    /** The shop's page with the widget. `boot` are its options; `server` another address of ours, e.g. a line; `lang` the page's language. */
    async shop(context, { boot = {}, csp = "", css = "", server = BASE, auto = true, lang = "en" } = {}) {
      const page = await context.newPage();
      const query = new URLSearchParams({ boot: JSON.stringify({ mode: "inline", ...boot }), csp, css, server, lang, auto: auto ? "1" : "" });
      await page.goto(`${shop.url}/?${query}`);
      return new Chat(page, kit);
    },

    /** The demo page, with a persona seated. */
    async demo(context, persona) {
      const page = await context.newPage();
      await page.goto(`${BASE}/`);
      if (persona) await page.locator(`input[value="${persona}"][name="person"]`).check();
      await page.locator("#who:not([aria-busy])").waitFor();
      await until("one widget", async () => (await page.locator("redress-chat").count()) === 1);
      return new Chat(page, kit);
    },

    /** The desk, signed in as the nth demo agent. */
    async desk(nth = 0, options = {}) {
      const context = await kit.profile({ viewport: { width: 1360, height: 840 }, ...options });
      const page = await context.newPage();
      const { name, password } = demo.agents[nth];
      await page.goto(`${BASE}/desk`);
      await page.getByLabel("Name").fill(name);
      await page.getByLabel("Password").fill(password);
      await page.getByRole("button", { name: "Sign in", exact: true }).click();
      await page.getByRole("switch").waitFor();
      return new Desk(page, name, context);
    },

    /** The operations page, signed in as the demo's agent of that role. */
    async ops(role = "ops", options = {}) {
      const context = await kit.profile({ viewport: { width: 1280, height: 900 }, ...options });
      const page = await context.newPage();
      const { name, password } = demo.agents.find((agent) => agent.role === role);
      await page.goto(`${BASE}/ops`);
      await page.getByLabel("Name").fill(name);
      await page.getByLabel("Password").fill(password);
      await page.getByRole("button", { name: "Sign in", exact: true }).click();
      await page.getByRole("button", { name: /^Sign (out|in as somebody else)$/ }).waitFor();
      return page;
    },

    /** A way to the server that can be cut: `cut()` drops the sockets and refuses new ones, `mend()` lets them through. */
    async line() {
      const line = await startLine(new URL(BASE));
      lines.push(line);
      return line;
    },

    async token(customer, level = 1) {
      return (await api("/api/tokens", { customer, level })).token;
    },
    /** Moves the server's clock; what falls due on the way has run when it answers. */
    advance: (advance) => api("/api/clock", { advance }),
    /** A fact from outside, as a store or a carrier sends it. */
    async fact(type, data) {
      const { now } = await api("/api/clock", { advance: "PT0S" });
      const receipt = await api("/api/events", { id: `browser-${type}-${now}`, source: "browser", type, occurred_at: now, data });
      assert.equal(receipt.status, "applied", receipt.why);
    },
    queue: () => api("/api/queue"),
    customer: (id) => api(`/api/customers/${id}`),
    events: (conversation) => api(`/api/conversations/${conversation}/events?after=0`).then((found) => found.events ?? found),

    async tidy() {
      await Promise.all(contexts.splice(0).map((context) => context.close().catch(() => {})));
      for (const line of lines.splice(0)) line.stop();
    },
    async stop() {
      await kit.tidy();
      await browser.close();
      shop.stop();
    },
  };
  return kit;
}

async function api(path, body) {
  const answer = await fetch(BASE + path, {
    method: body ? "POST" : "GET",
    headers: { authorization: `Bearer ${process.env.REDRESS_SERVICE_TOKEN ?? ""}`, ...(body && { "content-type": "application/json" }) },
    body: body && JSON.stringify(body),
  });
  assert.ok(answer.ok, `${path} answered ${answer.status}`);
  return answer.json();
}

/** The brotli weight of a file; the server must send it that way (a debug build packs less tightly, so it is packed here again). */
export async function weigh(url) {
  const answer = await fetch(url, { headers: { "accept-encoding": "br" } });
  assert.equal(answer.headers.get("content-encoding"), "br", `${url} is not sent with brotli`);
  return brotliCompressSync(Buffer.from(await answer.arrayBuffer())).length;
}

/** The shop: another origin, with a policy and a style sheet chosen in its address. */
async function startShop() {
  const policies = {
    strict: (server) => `default-src 'none'; script-src 'self' ${server}; connect-src ${server} ${server.replace(/^http/, "ws")}; style-src 'none'; img-src 'self'; base-uri 'none'; trusted-types 'none'; require-trusted-types-for 'script'`,
    frame: (server) => `default-src 'none'; script-src 'self' ${server}; frame-src ${server}; img-src 'self'; base-uri 'none'; trusted-types 'none'; require-trusted-types-for 'script'`,
  };
  const sheets = {
    hostile: `* { font-family: "Comic Sans MS", cursive !important; letter-spacing: 3px !important; text-transform: uppercase !important; line-height: 3 !important }
      button, textarea, div { background: hotpink !important; color: lime !important; border-radius: 0 !important; font-size: 31px !important }`,
  };
  const server = createServer((request, response) => {
    const url = new URL(request.url, "http://shop");
    if (url.pathname === "/shop.js") {
      response.writeHead(200, { "content-type": "text/javascript" });
      return response.end(`
        const query = new URLSearchParams(location.search);
        window.heard = [];
        for (const name of ["ready", "show", "hide", "unread", "message", "handoff", "close", "rating", "error", "auth", "locale"])
          SupportChat("on", name, (data) => heard.push({ name, data }));
        if (query.get("auto")) SupportChat("boot", JSON.parse(query.get("boot")));`);
    }
    if (url.pathname === "/shop.css") {
      response.writeHead(200, { "content-type": "text/css" });
      return response.end(sheets[url.searchParams.get("name")] ?? "");
    }
    if (url.pathname !== "/") return response.writeHead(204).end();
    const { csp, css, lang, server: ours } = Object.fromEntries(url.searchParams);
    response.writeHead(200, { "content-type": "text/html; charset=utf-8", ...(policies[csp] && { "content-security-policy": policies[csp](ours) }) });
    response.end(`<!doctype html><html lang="${lang}"><head><title>Shop</title>${css ? `<link rel="stylesheet" href="/shop.css?name=${css}">` : ""}
      </head><body><main><h1>Shop</h1><a href="#top">A link</a></main><script src="${ours}/widget.js"></script><script src="/shop.js"></script></body></html>`);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, stop: () => (server.close(), server.closeAllConnections()) };
}

/** A TCP relay. Cut, it destroys sockets of the chat and the desk and lets plain requests through, so that pages still load. */
async function startLine(target) {
  const open = new Set();
  let down = false;
  let deaf = false; // to plain requests too
  const server = createTcpServer((near) => {
    near.once("data", (first) => {
      const socket = first.toString("latin1").startsWith("GET /ws/");
      if (deaf || (socket && down)) return near.destroy();
      const far = connect(Number(target.port), target.hostname);
      const pair = { near, far, socket };
      open.add(pair);
      const end = () => (near.destroy(), far.destroy(), open.delete(pair));
      for (const side of [near, far]) side.on("error", end).on("close", end);
      far.write(first);
      // What is sent up is counted, so that a cut can fall into the middle of it.
      near.on("data", (bytes) => {
        budget -= bytes.length;
        far.write(bytes.subarray(0, budget < 0 ? Math.max(0, bytes.length + budget) : bytes.length));
        if (budget < 0) {
          [budget, down, deaf] = [Infinity, true, true];
          far.end(() => drop(true));
        }
      });
      far.pipe(near);
    });
    near.on("error", () => near.destroy());
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  let budget = Infinity;
  const drop = (all) => {
    for (const pair of [...open]) if (all || pair.socket) (pair.near.destroy(), pair.far.destroy());
  };
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    cut: () => ((down = true), drop(false)),
    mend: () => (down = deaf = false),
    /** Cuts everything, plain requests too, once so many more bytes have gone up. */
    cutAfter: (bytes) => (budget = bytes),
    isCut: () => deaf,
    stop: () => (drop(true), server.close()),
  };
}
