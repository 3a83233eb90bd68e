// The desk as people work in it: offers, undo, collision, drafts, clocks, search, saved replies, the floor, small screens, five hundred waiting.

import AxeBuilder from "@axe-core/playwright";
import assert from "node:assert/strict";
import { goOnDuty } from "../deskpage.mjs";
import { until } from "../kit.mjs";
import { waiting } from "./desk.mjs";

/** No violation that axe knows, in light and dark. */
export async function clean(page, where) {
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]).analyze();
    const told = violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(" ")).slice(0, 3).join(", ")}`);
    assert.deepEqual(told, [], `${where}, ${colorScheme}`);
  }
}

/** Ends whatever waits, so that the next one to wait is the next one to be offered. */
async function emptyLine(kit) {
  const lea = await kit.desk(2);
  await goOnDuty(lea, false);
  const { waiting: list } = await kit.queue();
  await lea.page.evaluate(async (ids) => {
    const socket = new WebSocket(`${location.origin.replace("http", "ws")}/ws/desk`);
    const told = (fits) => new Promise((resolve) => socket.addEventListener("message", ({ data }) => fits(JSON.parse(data)) && resolve()));
    await told((frame) => frame.type === "welcome");
    const ask = (type, conversation, more) => {
      const id = crypto.randomUUID();
      const answer = told((frame) => frame.id === id);
      socket.send(JSON.stringify({ type, id, conversation, ...more }));
      return answer;
    };
    for (const id of ids) {
      await ask("claim", id);
      await ask("resolve", id, { code: "solved" });
    }
    socket.close();
  }, list.map((row) => row.conversation));
}

const FRAME_MS = 16;

/** In the page, before its scripts: `scripting()` tells how many milliseconds of script have run since it was asked last, that is, in a frame. */
function countScripting() {
  let spent = 0;
  let depth = 0;
  const counted = (act) =>
    typeof act !== "function"
      ? act
      : function (...given) {
          const start = performance.now();
          depth++;
          try {
            return act.apply(this, given);
          } finally {
            if (--depth === 0) spent += performance.now() - start;
          }
        };
  for (const name of ["requestAnimationFrame", "setTimeout", "setInterval", "queueMicrotask"]) {
    const real = window[name];
    window[name] = (act, ...more) => real.call(window, counted(act), ...more);
  }
  const listen = EventTarget.prototype.addEventListener;
  EventTarget.prototype.addEventListener = function (type, act, ...more) {
    return listen.call(this, type, counted(act), ...more);
  };
  window.scripting = () => {
    const since = spent;
    spent = 0;
    return since;
  };
}

const noSideways = (page) => page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth);

export const floor = {
  /** Somebody is asked, accepts by keyboard alone, replies with a saved reply, ends it, takes it back. */
  async desk_offer_by_keyboard(kit) {
    await emptyLine(kit);
    const ana = await kit.desk(0);
    await goOnDuty(ana);
    const chat = await (await kit.demo(await kit.profile(), "P01")).open();
    await chat.human.click();
    await until("the offer", () => ana.page.locator(".offer").count());
    assert.match(await ana.toast.innerText(), /asked to take/);
    await clean(ana.page, "an offer");
    const { page } = ana;
    await page.locator("body").press("c");
    await ana.owner("You have it");
    await page.keyboard.press("r");
    await page.keyboard.type("/hel");
    await page.getByRole("combobox", { name: "Saved replies" }).waitFor();
    await clean(page, "the picker of saved replies");
    await page.keyboard.press("Enter");
    await until("the draft", async () => (await ana.field.inputValue()).includes("this is Ana"));
    assert.equal((await chat.texts("agent")).length, 0, "a saved reply was sent by itself");
    await page.keyboard.press("Control+Enter");
    await until("the reply", async () => (await chat.texts("agent")).some((text) => text.includes("Ana")));
    await page.keyboard.press("Escape");
    await page.keyboard.press("e");
    await page.keyboard.press("Enter");
    await ana.owner("Ended");
    await chat.stands("has ended");
    await page.keyboard.press("z");
    await ana.owner("You have it");
    await chat.stands("Ana has this conversation");
    await page.keyboard.press("t");
    await page.getByLabel("To which team or person?").selectOption("disputes");
    await page.getByLabel("Why? The next person reads it.").fill("knows the store");
    await page.getByRole("button", { name: "Transfer" }).last().press("Enter");
    await until("the hand-over", async () => (await page.locator(".owner").innerText()) !== "You have it");
    await page.keyboard.press("z");
    await ana.owner("You have it");
    await goOnDuty(ana, false);
    await ana.resolve();
  },

  /** Acceptance 10: away for ten minutes, three replies and the end are there once on return. */
  async away_for_ten_minutes(kit) {
    const ana = await kit.desk(0);
    const chat = await waiting(kit);
    const id = await chat.conversation();
    await ana.open(id);
    await ana.claim();
    await chat.page.context().setOffline(true);
    await until("the banner", () => chat.root.locator(".banner:not([hidden])").count());
    await chat.page.keyboard.press("Escape");
    await kit.advance("PT10M");
    for (const text of ["first", "second", "third"]) await ana.reply(text);
    await ana.resolve();
    await chat.page.context().setOffline(false);
    await until("three unread", async () => (await chat.root.locator(".badge").innerText()) === "3");
    await chat.launcher.click();
    await chat.stands("has ended");
    await until("nothing unread", async () => (await chat.root.locator(".badge").innerText()) === "");
    assert.deepEqual(await chat.texts("agent"), ["first", "second", "third"]);
  },

  /** Acceptance 13: place and estimate move as others leave; at night the way is a time and a call back, and one can give up. */
  async waiting_is_honest(kit) {
    const one = await waiting(kit, "one");
    const two = await waiting(kit, "two");
    const line = (chat) => chat.root.locator(".line").innerText();
    await until("the place", async () => /number \d|next/.test(await line(two)));
    const before = await line(two);
    await one.root.getByRole("button", { name: "Stop waiting" }).click();
    await one.stands("AI assistant");
    await until("to move up", async () => (await line(two)) !== before);
    const place = /number \d+|next/.exec(await line(two))[0];
    await two.page.reload();
    await two.online();
    if (!(await two.composer.isVisible())) await two.open();
    await until("the same place after coming back", async () => (await line(two)).includes(place));
    await kit.advance("PT12H");
    await until("the hours", async () => /back on|Nobody is here/.test(await line(two)));
    const slot = two.root.locator(".slot").first();
    if (await slot.count()) {
      await slot.click();
      await until("the call back", async () => (await two.rows()).some((row) => row.text.includes("get back to you")));
      await until("the line to say when", async () => (await line(two)).includes("get back to you"));
      assert.equal(await two.root.locator(".slot:visible").count(), 0, "a time is offered although one was chosen");
    }
    await kit.advance("PT12H");
  },

  /** Acceptance 23: who looks and who writes is seen, drafts survive, notes stay at the desk, mentions arrive. */
  async collision_notes_drafts(kit) {
    const [ana, ben] = await Promise.all([kit.desk(0), kit.desk(1)]);
    const chat = await waiting(kit);
    const frames = [];
    chat.page.on("websocket", (socket) => socket.on("framereceived", ({ payload }) => frames.push(String(payload))));
    const id = await chat.conversation();
    await ana.open(id);
    await ben.open(id);
    await until("Ana to see Ben", async () => (await ana.page.locator(".viewers").innerText()).includes("Ben"));
    const busy = (desk) => desk.page.locator('.line-row [aria-current="true"] .busy').innerText();
    await until("Ben in Ana's row", async () => (await busy(ana)).includes("Ben looks at this"));
    await ana.page.getByRole("button", { name: "Note", exact: true }).click();
    await ana.field.pressSequentially("a draft");
    await until("Ana's writing in Ben's row", async () => (await busy(ben)).includes("Ana is writing"));
    await ana.field.fill("");
    await ana.claim();
    await ana.page.getByRole("button", { name: "Reply", exact: true }).click();
    await ana.field.pressSequentially("half a thought");
    await until("Ben to see Ana write", async () => (await ben.page.locator(".typing").innerText()).includes("Ana"));
    await ana.page.reload();
    await until("the draft", async () => (await ana.field.inputValue()) === "half a thought");
    await ana.note("@Ben have a look <img src=x onerror=alert(1)>");
    await until("the mention", async () => (await ben.toast.innerText()).includes("mentions you"));
    await chat.page.reload();
    await chat.page.waitForTimeout(300);
    assert.ok(!frames.some((frame) => frame.includes("have a look")), "a note reached the customer");
    assert.deepEqual(ana.context.noise.filter((line) => line.includes("dialog")), []);
    await ana.resolve();
  },

  /** Acceptance 24: a row goes from ok to soon to late with word and colour, and keeps its place in the page. */
  async clocks_run(kit) {
    const ana = await kit.desk(0);
    const chat = await waiting(kit);
    const id = await chat.conversation();
    await ana.open(id);
    const lea = await kit.desk(2);
    const alerts = [];
    lea.page.on("websocket", (socket) => socket.on("framereceived", ({ payload }) => alerts.push(String(payload))));
    await lea.page.reload();
    await goOnDuty(lea, false);
    const late = () => alerts.filter((frame) => frame.includes('"clock_breached"') && frame.includes(id)).length;
    const tag = ana.page.locator('.item[aria-current="true"] .due');
    await until("time left", async () => /left/.test(await tag.innerText()));
    const row = ana.page.locator('.item[aria-current="true"]');
    await row.focus();
    await row.evaluate((node) => (window.kept = node));
    // The time is open time: how far the clock has to be moved is read from the list.
    const until_due = async (share) => {
      const { waiting: list } = await kit.queue();
      const { due, waiting_since } = list.find((one) => one.conversation === id);
      const { now } = await kit.advance("PT0S");
      const left = Date.parse(due) - Date.parse(now);
      return `PT${Math.round((left - share * (Date.parse(due) - Date.parse(waiting_since))) / 1000)}S`;
    };
    const step = async (share, word, tint) => {
      await kit.advance(await until_due(share));
      await chat.say(`at ${share}`);
      await until(`the word ${word}`, async () => (await tag.innerText()).startsWith(word));
      assert.ok((await tag.getAttribute("class")).includes(tint));
    };
    await step(0.25, "soon", "warn");
    await step(-0.1, "late", "bad");
    assert.ok(await row.evaluate((node) => node === window.kept && document.activeElement === node), "the row or its focus was lost");
    await until("who leads to be told", () => late() > 0);
    await kit.advance("PT5M");
    await chat.say("five minutes later");
    await until("the words at the desk", async () => (await ana.texts("customer")).includes("five minutes later"));
    assert.equal(late(), 1, "told more than once");
    // It is due soonest of its kind, so it stands above whatever came later, and keeps its node and the focus when others come.
    const younger = await waiting(kit, "younger");
    const place = async (conversation) => (await kit.queue()).waiting.findIndex((one) => one.conversation === conversation);
    assert.ok((await place(id)) < (await place(await younger.conversation())), "the younger stands above the late one");
    assert.ok(await row.evaluate((node) => node === window.kept && document.activeElement === node), "a newcomer took the row or its focus");
    await ana.claim();
    await ana.resolve();
  },

  /** Full text, views in the address, the command bar, the dialogs: found, and clean. */
  async desk_finds(kit) {
    const lea = await kit.desk(2);
    const chat = await (await kit.demo(await kit.profile(), "P05")).open();
    await chat.ask("the vermilion kettle that I bought leaks");
    const { page } = lea;
    await page.keyboard.press("s");
    await page.keyboard.type("vermilion kett");
    await until("the hit", async () => (await page.locator(".found mark").allInnerTexts()).includes("vermilion"));
    assert.match(page.url(), /q=vermilion/);
    await clean(page, "a search");
    await page.locator(".found .item").first().click();
    await until("the transcript", async () => (await lea.texts("customer")).some((text) => text.includes("vermilion")));
    await page.getByRole("button", { name: "Save this view" }).click();
    await page.getByLabel("Name of the view").fill("Kettles");
    await clean(page, "naming a view");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Forget this view" }).waitFor();
    await page.reload();
    await until("the search after a reload", () => page.locator(".found mark").count());
    await page.getByLabel("Search everything that was said").fill("");
    await until("the list again", async () => !(await page.locator(".found:not([hidden])").count()));
    await page.getByLabel("Saved views").selectOption("Kettles");
    await until("the saved view", () => page.locator(".found mark").count());
    await page.keyboard.press("Escape");
    await page.locator("body").press("Control+k");
    await page.getByRole("combobox", { name: "Commands" }).fill("floor");
    await clean(page, "the command bar");
    await page.keyboard.press("Enter");
    await until("the floor", () => page.locator(".floor:not([hidden]) .one").count());
    await clean(page, "the floor");
    await page.getByRole("button", { name: "Your access" }).click();
    await until("the sessions", () => page.locator(".sessions li").count());
    await clean(page, "access");
    await page.keyboard.press("Escape");
  },

  /** Acceptance 20 for the desk: 320 px, large text, forced colours: nothing scrolls sideways, everything is reached. */
  async desk_on_small_screens(kit) {
    const ana = await kit.desk(0, { viewport: { width: 320, height: 640 } });
    const chat = await waiting(kit);
    const { page } = ana;
    assert.ok(await noSideways(page), "the list scrolls sideways");
    await ana.open(await chat.conversation());
    assert.ok(await noSideways(page), "the conversation scrolls sideways");
    await page.getByRole("button", { name: "Details" }).click();
    await until("the drawer", () => page.locator(".with-side .side").count());
    assert.ok(await noSideways(page), "the drawer scrolls sideways");
    await clean(page, "the drawer");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Back to the list" }).click();
    assert.ok(await page.evaluate(() => document.activeElement !== document.body), "the way back loses the focus");
    await page.emulateMedia({ forcedColors: "active" });
    assert.ok(await noSideways(page), "forced colours scroll sideways");
    // Text twice as large, on a page of 1,280 px: every control stays inside.
    await page.emulateMedia({ forcedColors: "none" });
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.evaluate(() => {
      const { style } = document.documentElement;
      for (const name of ["xs", "sm", "md", "lg", "xl", "2xl"]) style.setProperty(`--fs-${name}`, `${parseFloat(getComputedStyle(document.documentElement).getPropertyValue(`--fs-${name}`)) * 2}px`);
    });
    assert.ok(await noSideways(page), "large text scrolls sideways");
    const outside = await page.evaluate(() => [...document.querySelectorAll("button, input, select, textarea")].filter((node) => node.getClientRects().length && node.getBoundingClientRect().right > innerWidth + 1).map((node) => node.outerHTML.slice(0, 80)));
    assert.deepEqual(outside, [], "controls outside of the page");
  },

  /** Five hundred waiting, fifty open, two hundred events a second: a frame's scripting stays below 16 ms. */
  async desk_with_five_hundred(kit) {
    const context = await kit.profile({ viewport: { width: 1360, height: 840 } });
    await context.addInitScript(countScripting);
    const page = await context.newPage();
    const rows = (n, start) => Array.from({ length: n }, (_, at) => ({ conversation: `c${start + at}`, priority: at % 5, reason: "asked_for_person", skill: "general", waiting_since: "2026-12-04T08:00:00Z", due: "2026-12-04T09:30:00Z", intent: "talk_to_human", customer: `Customer ${at}`, preview: "Where is my parcel?", language: "en", market: "GB", offered: null, snoozed_until: null, breached: false }));
    const mine = rows(50, 1000).map(({ conversation, customer, intent, skill, priority }) => ({ conversation, customer, intent, skill, priority, agent: "a", agent_name: "Ana", claimed_at: "2026-12-04T08:30:00Z", clock: null }));
    await page.routeWebSocket(/\/ws\/desk/, (socket) => {
      const send = (frame) => socket.send(JSON.stringify(frame));
      send({ type: "welcome", agent: { id: "a", name: "Ana", role: "agent", skills: [], languages: [], capacity: 60 }, available: true, now: "2026-12-04T09:00:00Z", teams: [] });
      send({ type: "queue", waiting: rows(500, 0), mine, on_duty: 1 });
      socket.onMessage((text) => {
        const frame = JSON.parse(text);
        if (frame.id) send({ type: "ack", id: frame.id, seq: 0 });
        if (frame.type === "watch" && frame.conversation === "c1000") {
          let n = 0;
          const timer = setInterval(() => {
            for (let burst = 0; burst < 10; burst++) send({ type: "event", conversation: `c${1000 + (n % 50)}`, seq: Math.floor(n++ / 50) + 1, at: new Date(Date.parse("2026-12-04T09:00:00Z") + n).toISOString(), by: { kind: "customer" }, kind: "message", data: { text: `message ${n}`, locale: "en" } });
            if (n % 100 === 0) send({ type: "queue", waiting: rows(500, 0).map((row, at) => (at === n % 500 ? { ...row, preview: `moved ${n}` } : row)), mine, on_duty: 1 });
            if (n >= 1000) clearInterval(timer);
          }, 50);
        }
      });
    });
    const { name, password } = kit.agents[0];
    await page.goto(`${kit.base}/desk`);
    await page.getByLabel("Name").fill(name);
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await until("five hundred rows", async () => (await page.locator(".waiting .line-row").count()) === 500);
    const session = await context.newCDPSession(page);
    await session.send("Performance.enable");
    const figures = async () => Object.fromEntries((await session.send("Performance.getMetrics")).metrics.map(({ name: key, value }) => [key, value]));
    const before = await figures();
    const spent = await page.evaluate(() => new Promise((resolve) => {
      const frames = [];
      const end = performance.now() + 4000;
      const tick = () => {
        frames.push(window.scripting());
        if (performance.now() < end) requestAnimationFrame(tick);
        else resolve(frames.slice(1));
      };
      requestAnimationFrame(tick);
    }));
    const after = await figures();
    const frames = spent.length;
    // Of sixty frames a second, drawn or not: a busy machine draws fewer, and what is to be done in each is more.
    const mean = ((after.ScriptDuration - before.ScriptDuration) * 1000) / ((after.Timestamp - before.Timestamp) * 60);
    spent.sort((one, other) => one - other);
    const [p95, worst] = [spent[Math.floor(frames * 0.95)], spent[frames - 1]];
    console.log(`# desk with 500 waiting: scripting a frame ${mean.toFixed(2)} ms on average, p95 ${p95.toFixed(1)} ms, at most ${worst.toFixed(1)} ms; ${frames} frames`);
    assert.ok(frames > 20, "the page stood still");
    // Single frames are timed by the wall clock, which on a busy machine counts other programs, too: they are told, the mean is held.
    assert.ok(mean < FRAME_MS, `${mean.toFixed(2)} ms of scripting a frame`);
  },
};
