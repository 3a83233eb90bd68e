// The two pictures of the README.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { until } from "./kit.mjs";

/** Writes widget.png and desk.png into `folder`. */
export async function takeShots(kit, folder) {
  await mkdir(folder, { recursive: true });
  const desk = await kit.desk(0);
  const chat = await (await kit.demo(await kit.profile({ viewport: { width: 1120, height: 800 } }), "P07")).open();
  await chat.ask("My parcel never came");
  await chat.page.mouse.move(10, 10);
  await chat.page.screenshot({ path: join(folder, "widget.png") });
  await chat.human.click({ force: true });
  await chat.stands("Waiting for a person");
  await desk.open(await chat.conversation());
  await desk.claim();
  await desk.note("Asked the carrier for the proof of delivery.");
  await desk.reply("Hello, this is a person. I have your order here and have asked the carrier.");
  await until("the account", () => desk.page.locator(".side .order").count());
  await desk.page.screenshot({ path: join(folder, "desk.png") });
}
