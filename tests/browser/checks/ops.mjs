// The operations page: files on a real disk broken and mended, messages tried out, edits looked at and saved.

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { until, weigh } from "../kit.mjs";
import { clean } from "./access.mjs";

const OPS_BYTES = 40_000;
const FEE = "intents/late_fee_waiver.yaml";
/** Learning takes a second in a release build, and up to a minute in a development build on a busy machine. */
const LEARNS_MS = 120_000;

/** Works with a file of the server's content on disk, and puts it back as it was. */
async function withFile(path, work) {
  assert.ok(process.env.REDRESS_CONTENT, "REDRESS_CONTENT is not set: the content folder of the server, a copy that may be edited");
  const full = join(process.env.REDRESS_CONTENT, path);
  const good = await readFile(full, "utf8");
  try {
    await work({ good, read: () => readFile(full, "utf8"), write: (text) => writeFile(full, text) });
  } finally {
    await writeFile(full, good);
  }
}

const view = (page, name) => page.getByRole("navigation", { name: "Operations" }).getByRole("link", { name, exact: true }).click();

/** The row of a file, found by the filter. */
async function row(page, path) {
  await page.getByLabel("Filter").fill(path);
  const found = page.locator(".file", { hasText: path });
  await found.first().waitFor();
  return found.first();
}

async function tryMessage(page, text, customer) {
  await view(page, "Try a message");
  await page.locator("#customer option").nth(5).waitFor({ state: "attached" });
  await page.getByLabel("What a customer writes").fill(text);
  if (customer) await page.getByLabel("Customer", { exact: true }).selectOption(customer);
  await page.getByRole("button", { name: "Try it" }).click();
  await page.locator("button:not([aria-disabled])", { hasText: "Try it" }).waitFor();
  await page.getByRole("heading", { name: "How it is read" }).waitFor();
}

async function openFile(page, path) {
  await view(page, "Content");
  await (await row(page, path)).getByRole("link").click();
  await until("the text", async () => (await page.getByLabel("Text of the file").inputValue()).length > 100);
}

/** What the console complained of, but for those that the check is about: nobody signed in yet, a refused save. */
const noise = (page) => page.context().noise.filter((text) => !/status of (401|422)/.test(text));

const sideways = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

export const ops = {
  async ops_budget(kit) {
    const page = await (await kit.profile()).newPage();
    const asked = new Set();
    page.on("request", (request) => /^\/(a\/|ops$)/.test(new URL(request.url()).pathname) && asked.add(request.url()));
    await page.goto(`${kit.base}/ops`);
    await page.getByLabel("Password").waitFor();
    const bytes = (await Promise.all([...asked].map(weigh))).reduce((sum, one) => sum + one, 0);
    console.log(`# ops: ${bytes} bytes in ${asked.size} files`);
    assert.ok(asked.size > 10 && bytes <= OPS_BYTES, `the operations page weighs ${bytes} bytes in ${asked.size} files`);
  },

  async ops_is_not_for_agents(kit) {
    for (const role of ["agent", "lead"]) {
      const page = await kit.ops(role);
      await page.getByRole("heading", { name: "This page is for operations" }).waitFor();
      assert.match(await page.locator("main").innerText(), new RegExp(`with the role ${role}`));
      await clean(page, `refused, ${role}`);
      const status = await page.evaluate(() => fetch("/api/ops/content").then((answer) => answer.status));
      assert.equal(status, 403);
      await page.goto(`${kit.base}/desk`);
      await page.getByRole("switch").waitFor();
      assert.equal(await page.getByRole("link", { name: "Operations" }).count(), 0, "a link that leads nowhere for them");
      await page.goto(`${kit.base}/ops`);
      await page.getByRole("button", { name: "Sign in as somebody else" }).click();
      await page.getByLabel("Password").waitFor();
    }
    const page = await kit.ops();
    await page.goto(`${kit.base}/desk`);
    await page.getByRole("link", { name: "Operations" }).click();
    await page.getByRole("heading", { name: "Content", exact: true }).waitFor();
    assert.deepEqual(noise(page), []);
  },

  async ops_try_a_message(kit) {
    const page = await kit.ops();
    await tryMessage(page, "please remove the late fee", "P05");
    const reading = page.locator("section", { has: page.getByRole("heading", { name: "How it is read" }) });
    const told = await reading.innerText();
    assert.match(told, /Starts late_fee_waiver/);
    assert.match(told, /It reads as late_fee_waiver, \d+ % sure: the words/);
    assert.match(told, /Words that spoke[\s\S]*\+[\s\S]*Sentence encoder[\s\S]*Time\s+[\d.]+ (µs|ms)/);
    assert.ok((await reading.locator(".guesses li").count()) > 1, "no runners-up");
    const reply = await page.locator("section", { has: page.getByRole("heading", { name: "What the customer reads" }) }).innerText();
    assert.match(reply, /AI assistant[\s\S]*can be taken off[\s\S]*Steps[\s\S]*late_fee_waiver/);
    await clean(page, "a message tried");
    await page.getByRole("button", { name: "Add as test…" }).click();
    const dialog = page.getByRole("dialog");
    assert.match(await dialog.innerText(), /This changes intents\/late_fee_waiver.yaml[\s\S]*This test passes[\s\S]*me: please remove the late fee/);
    await clean(page, "a test to be saved");
    await page.keyboard.press("Escape");
    await until("the dialog to go", async () => !(await dialog.count()));
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Add as test…", "the focus goes back");
    const { length } = (await kit.queue()).rows ?? [];
    await tryMessage(page, "i want to talk to a human");
    assert.match(await page.locator("main").innerText(), /To a person/);
    assert.equal(((await kit.queue()).rows ?? []).length, length, "a dry run reached the waiting list");
    assert.deepEqual(noise(page), []);
  },

  ops_broken_file: (kit) => withFile(FEE, async ({ good, write }) => {
    const page = await kit.ops();
    const fee = await row(page, FEE);
    await until("it to be live", async () => /Live/.test(await fee.innerText()));
    await fee.evaluate((node) => (window.kept = node));
    await write(good.replace("queue: general", "queue: generall"));
    await until("the problem, without a reload", () => page.getByRole("heading", { name: /^The edit of .* was refused$/ }).isVisible(), LEARNS_MS);
    const refused = page.locator(".refused");
    assert.match(await refused.innerText(), /The old version keeps answering[\s\S]*intents\/late_fee_waiver.yaml:5:8[\s\S]*Unknown queue generall\. Did you mean general\?/);
    assert.match(await fee.innerText(), /Refused, old version answers/);
    assert.ok(await fee.evaluate((node) => node === window.kept && node.isConnected), "the row was drawn anew");
    await clean(page, "an edit was refused");
    await tryMessage(page, "please remove the late fee", "P05");
    assert.match(await page.locator(".decision").innerText(), /Starts late_fee_waiver/, "the old version answers");
    await view(page, "Content");
    await refused.getByRole("link", { name: /:5:8/ }).click();
    await until("the line to be chosen", () => page.getByLabel("Text of the file").evaluate((area) => area.value.slice(area.selectionStart, area.selectionEnd) === "queue: generall"));
    await write(good);
    await view(page, "Content");
    await until("it to be live again", async () => (await refused.isHidden()) && /^Live/m.test(await page.locator(".status").innerText()), LEARNS_MS);
    assert.deepEqual(noise(page), []);
  }),

  ops_edit_check_save: (kit) => withFile(FEE, async ({ good, read }) => {
    const page = await kit.ops();
    await openFile(page, FEE);
    const area = page.getByLabel("Text of the file");
    await area.fill(good.replace("title: Remove", "titel: Remove"));
    await page.getByRole("button", { name: "Check", exact: true }).click();
    const result = page.locator(".result");
    await until("the verdict", async () => /This would be refused/.test(await result.innerText()), LEARNS_MS);
    assert.match(await result.innerText(), /intents\/late_fee_waiver.yaml:2:1[\s\S]*Unknown key titel/);
    await clean(page, "a refused check");
    await page.getByRole("button", { name: "Save…" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Save to file" }).click();
    await until("the refusal", async () => /would be refused/.test(await dialog.innerText()), LEARNS_MS);
    assert.equal(await read(), good, "a broken file was saved");
    await clean(page, "a refused save");
    await page.keyboard.press("Escape");

    await area.fill(good.replace("    - waive fee\n", "    - waive fee\n    - scratch that silly surcharge from my bill\n"));
    await page.getByRole("button", { name: "Check", exact: true }).click();
    await page.getByRole("button", { name: "Stop" }).waitFor();
    await clean(page, "a check under way");
    await until("what changes", async () => /What is read otherwise/.test(await result.innerText()), LEARNS_MS);
    assert.match(await result.innerText(), /can be saved/);
    await clean(page, "a check with its changes");
    await page.getByRole("button", { name: "Save…" }).click();
    assert.match(await dialog.locator(".added").innerText(), /scratch that silly surcharge/);
    assert.equal(await dialog.locator(".removed").count(), 0);
    await dialog.getByRole("button", { name: "Save to file" }).click();
    await until("the save", async () => /Saved\. intents\/late_fee_waiver.yaml is live/.test(await page.locator(".toast").innerText()), LEARNS_MS);
    assert.match(await read(), /scratch that silly surcharge/);
    await tryMessage(page, "scratch that silly surcharge from my bill");
    assert.match(await page.locator(".decision").innerText(), /late_fee_waiver/);
    assert.deepEqual(noise(page), []);
  }),

  async ops_prompts(kit) {
    const page = await kit.ops();
    await view(page, "Prompts");
    await page.getByRole("link", { name: "Summary", exact: true }).click();
    const sample = page.locator("section", { has: page.getByRole("heading", { name: "With the sample" }) });
    await until("the sample", async () => /1 customer: hi, there is a late fee/.test(await sample.innerText()));
    assert.match(await page.locator("main").innerText(), /talk\s+the talk, a line an event/);
    assert.match(await page.locator("main").innerText(), /no language model is configured/);
    assert.equal(await page.getByRole("button", { name: "Try with the model" }).isVisible(), false);
    await clean(page, "prompts");
    const area = page.getByLabel("Text of the prompt");
    await area.fill("Sum up.\n---\n{{ talks }}");
    await page.getByRole("button", { name: "Check and render" }).click();
    await until("the problem", async () => /summary.j2:3:1[\s\S]*has no variable talks/.test(await sample.innerText()));
    await clean(page, "a broken prompt");
    await area.fill("Sum up, please.\n---\n{{ talk|fence('talk') }}");
    await area.press("Control+Enter");
    await until("the new text", async () => /Sum up, please\./.test(await sample.innerText()));
    await page.getByRole("link", { name: "Draft", exact: true }).click();
    await page.getByRole("link", { name: "Summary", exact: true }).click();
    await until("what was begun", async () => /please/.test(await area.inputValue()));
    assert.deepEqual(noise(page), []);
  },

  async ops_suggestions(kit) {
    const page = await kit.ops();
    await page.route("**/api/desk/suggestions?*", (route) => route.fulfill({ status: 404, contentType: "application/problem+json", body: '{"detail":"there is nothing"}' }));
    await view(page, "Suggestions");
    await until("a clear word", async () => /does not collect suggestions yet/.test(await page.locator("main").innerText()));
    await clean(page, "no suggestions");
    const one = { id: "s1", conversation: "c1", seq: 1, text: "strike that surplus penalty thing", language: "en", read_as: null, intent: "late_fee_waiver", reason: "handled as", by: "Ana", at: "2026-12-04T09:00:00Z", state: "open" };
    await page.unroute("**/api/desk/suggestions?*");
    await page.route("**/api/desk/suggestions?*", (route) => route.fulfill({ json: { suggestions: [one, { ...one, id: "s2", text: "another one" }], next: null } }));
    const acts = [];
    await page.route("**/api/desk/suggestions/*", (route) => (acts.push(route.request().postDataJSON()), route.fulfill({ json: { file: FEE, line: "x", already: false } })));
    await view(page, "Content");
    await view(page, "Suggestions");
    const first = page.locator(".suggestions > li").first();
    await first.waitFor();
    await clean(page, "suggestions");
    await first.getByRole("button", { name: "Accept…" }).click();
    const dialog = page.getByRole("dialog");
    assert.match(await dialog.innerText(), /strike that surplus penalty thing/);
    await page.keyboard.press("Escape");
    await first.getByRole("button", { name: "Put into the file…" }).waitFor();
    await page.locator(".suggestions > li").nth(1).getByRole("button", { name: "Put aside" }).click();
    await until("it to be gone", async () => (await page.locator(".suggestions > li").count()) === 1);
    assert.deepEqual(acts, [{ act: "accept", intent: "late_fee_waiver" }, { act: "dismiss" }]);
  },

  async ops_numbers(kit) {
    const chat = await (await kit.shop(await kit.profile())).open();
    await chat.ask("Hello");
    await chat.human.click();
    await chat.stands("Waiting for a person");
    const page = await kit.ops();
    await view(page, "Numbers");
    const waiting = page.locator("section", { has: page.getByRole("heading", { name: "Waiting now" }) });
    await waiting.locator("summary").click();
    const id = await chat.conversation();
    assert.equal(await waiting.getByRole("link", { name: id }).getAttribute("href"), `/desk#${id}`);
    await clean(page, "numbers");
    assert.deepEqual(noise(page), []);
  },

  async ops_by_keyboard(kit) {
    const page = await kit.ops();
    const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim().slice(0, 40) || document.activeElement?.id);
    const tabTo = async (text) => {
      for (let n = 0; n < 60; n++) {
        if ((await focused()) === text) return;
        await page.keyboard.press("Tab");
      }
      assert.fail(`${text} is not reached by Tab; the focus is on ${await focused()}`);
    };
    await tabTo("Skip to the content");
    await page.keyboard.press("Enter");
    assert.equal(await focused(), "Content");
    await page.reload();
    await page.locator(".file").first().waitFor();
    await tabTo("Try a message");
    await page.keyboard.press("Enter");
    await until("the title to have the focus", async () => (await focused()) === "Try a message");
    await page.locator("#customer option").nth(5).waitFor({ state: "attached" });
    await tabTo("message");
    await page.keyboard.type("please remove the late fee");
    await page.keyboard.press("Control+Enter");
    await page.getByRole("heading", { name: "How it is read" }).waitFor();
    await tabTo("Add as example…");
    await page.keyboard.press("Enter");
    const problem = page.locator("section", { has: page.getByRole("heading", { name: "Keep it" }) }).locator(".problem");
    await until("an answer", async () => (await page.getByRole("dialog").count()) || (await problem.textContent()));
    if (await page.getByRole("dialog").count()) await page.keyboard.press("Escape");
    await openFile(page, FEE);
    const area = page.getByLabel("Text of the file");
    await area.focus();
    await page.keyboard.press("Tab");
    assert.equal(await focused(), "Check", "the text is a trap");
    const small = await page.evaluate(() => [...document.querySelectorAll("button, a.btn, input, select")].filter((node) => node.getClientRects().length && (node.getBoundingClientRect().height < 24 || node.getBoundingClientRect().width < 24)).map((node) => node.outerHTML.slice(0, 80)));
    assert.deepEqual(small, [], "too small to press");
  },

  async ops_narrow_and_dark(kit) {
    const page = await kit.ops("ops", { viewport: { width: 320, height: 700 } });
    const fits = async (state) => {
      assert.ok((await sideways(page)) <= 0, `${state} scrolls sideways by ${await sideways(page)}`);
      await clean(page, `${state}, narrow`);
    };
    await page.locator(".file").first().waitFor();
    await fits("content");
    await tryMessage(page, "please remove the late fee", "P05");
    await fits("a message tried");
    await page.getByRole("button", { name: "Add as test…" }).click();
    await page.getByRole("dialog").waitFor();
    await fits("a diff");
    await page.keyboard.press("Escape");
    await openFile(page, FEE);
    await fits("a file");
    await view(page, "Prompts");
    await page.locator(".sample").first().waitFor();
    await fits("prompts");
    await view(page, "Numbers");
    await page.locator(".figure").first().waitFor();
    await fits("numbers");
  },
};
