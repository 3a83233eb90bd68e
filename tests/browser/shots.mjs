// The two pictures of the README. On a fresh server with `--only none` they show nothing of the checks.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { converse, hasCase, PARCEL } from "./checks/stories.mjs";
import { until } from "./kit.mjs";

/** Writes widget.png and desk.png into `folder`. */
export async function takeShots(kit, folder) {
  await mkdir(folder, { recursive: true });
  const desk = await kit.desk(0);
  const chat = await (await kit.demo(await kit.profile({ viewport: { width: 1120, height: 800 } }), "P07")).open();
  await converse(chat, "My parcel never came", PARCEL, hasCase);
  await chat.page.mouse.move(10, 10);
  await chat.page.screenshot({ path: join(folder, "widget.png") });
  await chat.human.click({ force: true });
  await chat.stands("Waiting for a person");
  if ((await desk.page.getByRole("switch").innerText()) === "Away") await desk.page.getByRole("switch").click();
  await desk.open(await chat.conversation());
  await desk.claim();
  await desk.note("Asked the carrier for the proof of delivery.");
  await desk.reply("Hello, this is a person. I have your order here and have asked the carrier.");
  await until("the account", () => desk.page.locator(".side .order").count());
  await desk.page.screenshot({ path: join(folder, "desk.png") });
}
