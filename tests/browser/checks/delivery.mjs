// Every message exactly once: cuts before and after the server stores, reload in the middle, offline.

import assert from "node:assert/strict";
import { until } from "../kit.mjs";

const count = (all, text) => all.filter((one) => one === text).length;

/** The customer's messages in the store. */
async function stored(kit, conversation) {
  const events = await kit.events(conversation);
  return events.filter((event) => event.kind === "message" && event.by.kind === "customer").map((event) => event.data.text);
}

/** Once in the store, on the screen and at the desk, and the words under it say so. */
async function once(kit, chat, text, atDesk = true) {
  await until(`"${text}" to be sent`, async () => (await chat.rows()).some((row) => row.text === text && ["Sent", ""].includes(row.state)));
  await chat.settled();
  assert.equal(count(await chat.mine(), text), 1, "on the customer's screen");
  const conversation = await chat.conversation();
  assert.equal(count(await stored(kit, conversation), text), 1, "in the store");
  if (!atDesk) return;
  const desk = await kit.desk();
  await desk.open(conversation);
  await until("the message at the desk", async () => (await desk.texts("customer")).includes(text));
  assert.equal(count(await desk.texts("customer"), text), 1, "at the desk");
}

/** Cuts the first socket that carries the text: before it leaves, or when its ack comes back. */
function cutOnce(page, text, when) {
  let done = false;
  return page.routeWebSocket(/\/ws\/chat/, (near) => {
    const far = near.connectToServer();
    let id;
    near.onMessage((message) => {
      const frame = JSON.parse(message);
      if (!done && frame.type === "message" && frame.text === text) {
        id = frame.id;
        if (when === "before") {
          done = true;
          far.close();
          return near.close({ code: 3001 });
        }
      }
      far.send(message);
    });
    far.onMessage((message) => {
      const frame = JSON.parse(message);
      if (!done && id && (frame.id === id || frame.type === "event")) {
        done = true;
        far.close();
        return near.close({ code: 3001 });
      }
      near.send(message);
    });
  });
}

async function cut(kit, when) {
  const context = await kit.profile();
  const chat = await kit.shop(context, { auto: false });
  const text = `cut ${when} the store`;
  await cutOnce(chat.page, text, when);
  await chat.page.reload();
  await chat.call("boot", { mode: "inline" });
  await chat.open();
  await chat.ask("first");
  await chat.say(text);
  await once(kit, chat, text);
  await chat.say("last");
  await once(kit, chat, "last", false);
  assert.deepEqual((await chat.mine()).slice(0, 3), ["first", text, "last"]);
}

export const delivery = {
  cut_before_store: (kit) => cut(kit, "before"),
  cut_after_store: (kit) => cut(kit, "after"),

  async reload_mid_send(kit) {
    const context = await kit.profile();
    const line = await kit.line();
    const chat = await (await kit.shop(context, { server: line.url })).open();
    await chat.ask("first");
    line.cut();
    await chat.root.locator(".banner").waitFor();
    await chat.say("second");
    await chat.say("third");
    await chat.page.reload();
    line.mend();
    await once(kit, chat, "second", false);
    await once(kit, chat, "third");
    assert.deepEqual(await chat.mine(), ["first", "second", "third"]);
  },

  async reload_at_once(kit) {
    const context = await kit.profile();
    const chat = await (await kit.shop(context)).open();
    await chat.ask("first");
    await chat.say("second");
    await chat.page.reload(); // the server may or may not have it
    await once(kit, chat, "second");
    assert.deepEqual(await chat.mine(), ["first", "second"]);
  },

  async offline(kit) {
    const context = await kit.profile();
    const line = await kit.line();
    const chat = await (await kit.shop(context, { server: line.url })).open();
    await chat.ask("first");
    line.cut();
    const banner = chat.root.locator(".banner");
    await banner.waitFor();
    for (const text of ["one", "two", "three"]) await chat.say(text);
    await until("the banner to count", async () => (await banner.innerText()).includes("3 messages"));
    assert.deepEqual((await chat.rows()).slice(-3).map((row) => row.state), Array(3).fill("Will send when you are back online"));
    await chat.page.reload();
    await until("the queue after the reload", async () => (await chat.mine()).join() === "one,two,three");
    await until("the banner after the reload", async () => (await banner.innerText()).includes("3 messages"));
    line.mend();
    await until("the banner to go", () => banner.isHidden(), 20_000);
    await once(kit, chat, "three");
    assert.deepEqual(await stored(kit, await chat.conversation()), ["first", "one", "two", "three"]);
    assert.deepEqual(await chat.mine(), ["first", "one", "two", "three"]);
  },

  async missed(kit) {
    const context = await kit.profile();
    const line = await kit.line();
    const desk = await kit.desk();
    const chat = await (await kit.shop(context, { server: line.url })).open();
    await chat.ask("Hello");
    await chat.human.click();
    await chat.stands("Waiting for a person");
    await desk.open(await chat.conversation());
    await desk.claim();
    await chat.stands(desk.name);
    line.cut();
    await chat.root.locator(".banner").waitFor();
    for (const text of ["a1", "a2", "a3"]) await desk.reply(text);
    await desk.resolve();
    line.mend();
    await chat.stands("has ended");
    await chat.root.locator(".rating").waitFor();
    assert.deepEqual(await chat.texts("agent"), ["a1", "a2", "a3"]);
  },
};
