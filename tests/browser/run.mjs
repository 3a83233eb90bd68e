// Browser tests of the widget, the desk, the operations page and the demo page against a running server started with --demo.
//
//   REDRESS_URL=http://127.0.0.1:8080 REDRESS_SERVICE_TOKEN=… node run.mjs [--only NAME] [--chromium PATH] [--shots DIR]
//
// Prints `ok NAME` or `not ok NAME: why` for each check; exit status 1 when one fails. `--only` takes the start of a name.
// REDRESS_CONTENT is the server's content folder, a copy: checks of the operations page break and mend files in it.
// `--shots` also writes widget.png and desk.png. The personas are used up by the stories: give each run a fresh server.

import { parseArgs } from "node:util";
import { access } from "./checks/access.mjs";
import { delivery } from "./checks/delivery.mjs";
import { disputes } from "./checks/disputes.mjs";
import { desk } from "./checks/desk.mjs";
import { floor } from "./checks/floor.mjs";
import { host } from "./checks/host.mjs";
import { lead } from "./checks/lead.mjs";
import { ops } from "./checks/ops.mjs";
import { packet } from "./checks/packet.mjs";
import { stories } from "./checks/stories.mjs";
import { suggestions } from "./checks/suggestions.mjs";
import { widget } from "./checks/widget.mjs";
import { words } from "./checks/words.mjs";
import { writing } from "./checks/writing.mjs";
import { startKit } from "./kit.mjs";
import { takeShots } from "./shots.mjs";

/** A check that learns from edited content takes a minute on a busy machine in a development build. */
const CHECK_MS = 300_000;

const { values: options } = parseArgs({
  options: { only: { type: "string" }, chromium: { type: "string", default: process.env.CHROMIUM ?? "/usr/bin/chromium" }, shots: { type: "string" }, list: { type: "boolean" } },
});
const checks = Object.entries({ ...stories, ...widget, ...words, ...host, ...delivery, ...desk, ...access, ...disputes, ...floor, ...lead, ...packet, ...suggestions, ...ops, ...writing });
if (options.list) {
  for (const [name] of checks) console.log(name);
  process.exit(0);
}
if (!process.env.REDRESS_URL) {
  console.error("REDRESS_URL is not set: the address of a server that runs with --demo, e.g. http://127.0.0.1:8080");
  process.exit(2);
}

const limit = (work, ms) => {
  let timer;
  const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error(`not done after ${ms / 1000} s`)), ms)));
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
};

const kit = await startKit(options.chromium);
let failed = 0;
for (const [name, check] of checks) {
  if (options.only && !name.startsWith(options.only)) continue;
  const started = Date.now();
  try {
    await limit(check(kit), CHECK_MS);
    console.log(`ok ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  } catch (error) {
    failed++;
    console.log(`not ok ${name}: ${error.message.replace(/\u001b\[\d+m/g, "").split("\n").slice(0, 12).join("\n    ")}`);
    if (process.env.REDRESS_TRACE) console.log(error.stack);
  }
  await kit.tidy();
}
if (options.shots) await takeShots(kit, options.shots);
await kit.stop();
console.log(failed ? `${failed} failed` : "all passed");
process.exit(failed ? 1 : 0);
