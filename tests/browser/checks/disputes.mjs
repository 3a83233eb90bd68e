// Disputes as customers and the people who decide live them. The last check moves the server's clock by weeks: it comes last of all.

import AxeBuilder from "@axe-core/playwright";
import assert from "node:assert/strict";
import { until } from "../kit.mjs";
import { converse, hasCase, PARCEL } from "./stories.mjs";

const only = (customer) => customer.orders.flatMap((order) => order.disputes).at(-1);
const plan = (customer) => customer.orders.find((order) => order.disputes.length)?.plan;
const never = /\b(WON|LOST|won|lost)\b|customer_won|merchant_won|under_review|preliminary_decision|R\d\b/;

/** The customer's chat, with one conversation of its own. */
async function chatOf(kit, persona) {
  const chat = await (await kit.demo(await kit.profile(), persona)).open();
  await chat.ask("hello");
  return chat;
}

const read = async (chat) => (await chat.rows()).map((row) => row.text);
const heard = (chat, text) => until(`the customer to read "${text}"`, async () => (await read(chat)).some((one) => text.test(one)));

/** A JPEG of about so many bytes, with a place and a comment in it. */
function picture(size) {
  const segment = (marker, bytes) => Buffer.concat([Buffer.from([0xff, marker, (bytes.length + 2) >> 8, (bytes.length + 2) & 255]), bytes]);
  const data = Buffer.alloc(size, 0x5a);
  return Buffer.concat([Buffer.from([0xff, 0xd8]), segment(0xe1, Buffer.from("Exif\0\0MM GPS 59.3 18.1")), segment(0xfe, Buffer.from("taken at home")), segment(0xdb, Buffer.alloc(65)), segment(0xc0, Buffer.from([8, 0, 16, 0, 16, 1, 1, 0x11, 0])), segment(0xc4, Buffer.alloc(20)), segment(0xda, Buffer.from([1, 1, 0, 0, 63, 0])), data, Buffer.from([0xff, 0xd9])]);
}

/** The buttons of a case; a step asks for what it needs in a dialog. */
async function step(page, name, fill = async () => {}) {
  await page.locator(".case .acts").getByRole("button", { name, exact: true }).click();
  const dialog = page.locator("dialog");
  await fill(dialog);
  await dialog.locator("button[type=submit]").click();
  await dialog.waitFor({ state: "detached" });
}

const state = (page, text) => until(`the case to be ${text}`, async () => (await page.locator(".case-head .tag").first().innerText()) === text);

export const disputes = {
  async purchases_tab(kit) {
    const anonymous = await (await kit.shop(await kit.profile())).open();
    assert.equal(await anonymous.root.getByRole("tab").count(), 0, "purchases of nobody");
    const context = await kit.profile({ viewport: { width: 360, height: 740 } });
    const chat = await (await kit.demo(context, "P12")).open();
    const tab = chat.root.getByRole("tab", { name: "My purchases" });
    await chat.root.getByRole("tab", { name: "Chat" }).focus();
    await chat.page.keyboard.press("ArrowRight");
    assert.equal(await tab.getAttribute("aria-selected"), "true");
    const mine = chat.root.locator(".mine:not([aria-busy])");
    await mine.waitFor();
    const text = await mine.innerText();
    assert.match(text, /Saffron Kitchen[\s\S]*Case D-2QX7M[\s\S]*Who acts next: Saffron Kitchen, Tuesday 8 December[\s\S]*Payments are paused/);
    assert.doesNotMatch(text, never);
    for (const scheme of ["light", "dark"]) {
      await chat.page.emulateMedia({ colorScheme: scheme });
      const { violations } = await new AxeBuilder({ page: chat.page }).include("redress-chat").analyze();
      assert.deepEqual(violations.map((one) => `${scheme} ${one.id}: ${one.nodes[0].html}`), []);
    }
    await mine.getByRole("button", { name: "What happens with my case?" }).click();
    await heard(chat, /Here is where your case D-2QX7M/);
    assert.ok(await chat.composer.isVisible(), "the chat is shown again");
    await chat.page.keyboard.press("Escape");
  },

  async dispute_appealed(kit) {
    const chat = await (await kit.demo(await kit.profile(), "P13")).open();
    const rules = [
      [/own words/i, "The proof shows a different address than mine"],
      [/shall i/i, /^yes/i],
    ];
    const log = await converse(chat, "I want to appeal the decision", rules, (text) => /is registered/i.test(text));
    assert.match(log, /second, final look/);
    assert.doesNotMatch(log, never);
    const dispute = only(await kit.customer("P13"));
    assert.equal(dispute.state, "appeal_review");
    assert.ok(dispute.events.some((event) => event.event === "appeal" && event.text?.includes("different address")));
  },

  async dispute_evidence(kit) {
    const line = await kit.line();
    const chat = await (await kit.shop(await kit.profile(), { server: line.url, boot: { token: await kit.token("P12"), mode: "inline" } })).open();
    await chat.ask("hello");
    const attach = chat.root.getByRole("button", { name: "Add a photo or PDF" });
    await attach.waitFor();
    const files = () => only(kit.customerNow).evidence.filter((one) => one.file);
    const now = async () => ((kit.customerNow = await kit.customer("P12")), files());
    assert.equal((await now()).length, 0);

    // A photo of a few megabytes; socket and upload are cut at its half, and it arrives once, by itself.
    const photo = picture(4_000_000);
    line.cutAfter(2_000_000);
    await chat.root.locator("input[type=file]").setInputFiles({ name: "broken <b>hinge.jpg", mimeType: "image/jpeg", buffer: photo });
    await until("the cut", () => line.isCut());
    await until("a word about it", async () => (await chat.root.locator(".upload").innerText()).includes("goes on by itself"));
    assert.equal((await now()).length, 0, "half a file is no evidence");
    line.mend();
    await heard(chat, /"broken <b>hinge\.jpg" is added to dispute D-2QX7M/);
    const [kept, ...more] = await now();
    assert.equal(more.length, 0);
    assert.deepEqual([kept.party, kept.type, kept.mime, kept.name], ["customer", "photo", "image/jpeg", "broken <b>hinge.jpg"]);
    assert.ok(kept.size < photo.length, "its metadata is gone");

    // What is no picture, or too large, is refused in words.
    const refused = async (name, buffer, words) => {
      await chat.root.locator("input[type=file]").setInputFiles({ name, mimeType: "image/jpeg", buffer });
      await until(`"${words}"`, async () => (await chat.root.locator(".upload.bad .state").allInnerTexts()).some((text) => text.includes(words)));
    };
    await refused("photo.jpg", Buffer.from("MZ this is a program"), "something else, whatever its name says");
    await refused("large.jpg", Buffer.alloc(12_000_000, 1), "larger than 7 MB");
    assert.equal((await now()).length, 1);

    const { page } = await kit.desk();
    await page.getByRole("button", { name: "Disputes", exact: true }).click();
    await page.getByLabel("Also those").check();
    await page.locator(".columns.two .item", { hasText: "Charlotte" }).click();
    const link = page.locator(".case a.file");
    await link.waitFor();
    assert.match(await link.innerText(), /broken <b>hinge\.jpg/, "an odd name is only text");
    const got = await page.evaluate(async (href) => {
      const answer = await fetch(href);
      return [answer.status, answer.headers.get("content-type"), answer.headers.get("content-security-policy"), (await answer.arrayBuffer()).byteLength];
    }, await link.getAttribute("href"));
    assert.deepEqual(got, [200, "image/jpeg", "sandbox; default-src 'none'; style-src 'unsafe-inline'", kept.size]);
    assert.equal((await fetch(kit.base + (await link.getAttribute("href")))).status, 401, "only for agents");
  },

  async dispute_decided_by_a_person(kit) {
    const chat = await chatOf(kit, "P08");
    const { page } = await kit.desk();
    await page.evaluate((id) => (location.hash = id), await chat.conversation());
    await page.reload();
    await page.locator(".side").getByRole("button", { name: "File a dispute" }).click();
    const dialog = page.locator("dialog");
    await dialog.getByLabel("Why it is right").fill("Neighbours and safe place were checked; the customer insists.");
    await dialog.locator("button[type=submit]").click();
    await state(page, "Merchant window");
    assert.match(await page.locator(".case").innerText(), /proof of delivery: CF11 9HA/);
    await heard(chat, /We've told Lumen/);
    await step(page, "Risk escalation");
    await state(page, "Merchant evidence requested");
    await heard(chat, /We've asked Lumen/);
    const { public_no: number } = only(await kit.customer("P08"));
    await kit.fact("dispute.evidence", { dispute: number, type: "proof_of_delivery", note: "Signed by L. Carter" });
    await page.getByRole("button", { name: "Disputes", exact: true }).click();
    await page.locator(`.columns.two .item`, { hasText: "Liam" }).click();
    await state(page, "Under review");
    const known = await page.locator(".case").innerText();
    assert.match(known, /What the facts speak for\s+For the store/);
    assert.match(known, /Signed by L. Carter/);
    for (const scheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme: scheme });
      const { violations } = await new AxeBuilder({ page }).analyze();
      assert.deepEqual(violations.map((one) => `${scheme} ${one.id}: ${one.nodes[0].html}`), []);
    }
    await page.emulateMedia({ colorScheme: "light" });
    await step(page, "Decide", async (asked) => {
      assert.equal(await asked.getByLabel("Decision").inputValue(), "merchant_won", "the advice is picked");
      assert.match(await asked.locator(".reads").innerText(), /handed over at your address/);
      const { violations } = await new AxeBuilder({ page }).include("dialog").analyze();
      assert.deepEqual(violations.map((one) => one.id), []);
    });
    await state(page, "Preliminary decision");
    await heard(chat, /First decision: decided for the store\. The carrier's proof shows that the parcel was handed over at your address\. Either side can ask/);
    assert.doesNotMatch((await read(chat)).join("\n"), never);
    assert.ok(plan(await kit.customer("P08")).status === "paused", "payments stay paused until it is final");
    // A desk that looks at an old state is told, and nothing happens.
    const late = await page.evaluate(async (id) => (await fetch(`/api/desk/disputes/${id}`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ event: "decide", state: "under_review" }) })).status, number);
    assert.equal(late, 409);
  },

  async dispute_by_time_alone(kit) {
    if (!only(await kit.customer("P07"))) {
      const first = await (await kit.demo(await kit.profile(), "P07")).open();
      await converse(first, "My parcel never came", PARCEL, hasCase);
    }
    const chat = await chatOf(kit, "P07");
    assert.equal(only(await kit.customer("P07")).state, "merchant_window");
    await kit.advance("P22D");
    await heard(chat, /We've asked Kestrel.* for proof such as a signed proof of delivery/);
    await kit.advance("P17D");
    await heard(chat, /Decided for you\. The store did not answer in time\. You get back £84\.00/);
    await heard(chat, /Your refund of £84\.00 from Kestrel.* is booked\. £28\.00 of it went back to you\. Nothing is left to pay/);
    const customer = await kit.customer("P07");
    const dispute = only(customer);
    assert.deepEqual([dispute.state, dispute.outcome, dispute.decision.rule], ["closed", "customer_won_full", "R1"]);
    assert.ok(dispute.decision.told.includes("Decided for you"));
    assert.ok(plan(customer).instalments.every((one) => ["paid", "cancelled"].includes(one.status)), "something is still to be paid");
    assert.equal(customer.orders[0].refunds.at(-1).status, "posted");
    assert.doesNotMatch((await read(chat)).join("\n"), never);
  },
};
