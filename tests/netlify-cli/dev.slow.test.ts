import { expect, test } from "vitest";
import { freePort, portInUse } from "../../local/dev/port.ts";
import { devCommandPromises } from "../shipped/dev-command.ts";
import { devEditPromises } from "../shipped/dev-edits.ts";
import { devOptions } from "../shipped/dev-options.ts";

devCommandPromises("dev:netlify");
devEditPromises("dev:netlify");

const dev = devOptions("dev:netlify");

test("npm run dev:netlify passes the options on to netlify dev", { timeout: 300_000 }, async () => {
  const [port, functionsPort] = [await freePort(), await freePort()];
  const running = await dev(["--functions-port", String(functionsPort)], { PORT: String(port) });
  await running.printed(`/run      http://localhost:${port}/`);
  expect(await portInUse(functionsPort)).toBe(true);
  running.signal("SIGINT");
  await running.exited;
});

test("npm run dev:netlify -- --live without a linked project: says what is missing, and exit code 1", {
  timeout: 300_000,
}, async () => {
  const refused = await dev(["--live"], { PORT: String(await freePort()) });
  expect(await refused.exited).toBe(1);
  expect(refused.lines.join("\n")).toContain("did you forget to run netlify init or netlify link?");
});
