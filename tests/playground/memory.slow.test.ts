import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { freePort } from "../../local/dev/port.ts";
import { machineEnvironment } from "../http/servers.ts";
import { delta } from "./page-client.ts";
import { chunk, head, type Steps, startRawWebhook } from "./raw-webhook.ts";

const MEMORY = fileURLToPath(new URL("../check/memory.mjs", import.meta.url));
/** It took 1,110 MB while an exchange that was over kept its whole text. Node frees memory late, so the bound is wide. */
const MOST_MB = 700;

const SSE = head({ type: "text/event-stream", headers: "Transfer-Encoding: chunked\r\n" });
const KINDS: Record<string, { steps: Steps; route: "run" | "stream"; times: number }> = {
  "a stream without an end": { steps: [SSE, { forever: chunk(delta("word ".repeat(200))) }], route: "stream", times: 15 },
  "one of tiny pieces": {
    steps: [SSE, { forever: Buffer.concat(Array(100).fill(chunk(delta("word")))) }],
    route: "stream",
    times: 5,
  },
  "a line without an end": {
    steps: [SSE, chunk("data: "), { forever: chunk("x".repeat(60_000)) }],
    route: "stream",
    times: 10,
  },
  "JSON without an end": { steps: [head(), '{"reply":"', { forever: "é".repeat(30_000) }], route: "run", times: 10 },
  "100 MB": {
    steps: [head({ headers: "Content-Length: 100000000\r\n" }), ...Array(100).fill("x".repeat(1_000_000))],
    ...({ route: "run", times: 10 } as const),
  },
};

test("fifty answers without an end take a bounded memory", { timeout: 240_000 }, async () => {
  using webhook = await startRawWebhook();
  const folder = mkdtempSync(join(tmpdir(), "playground-"));
  const port = await freePort();
  const base = `http://localhost:${port}/playground`;
  const args = ["--import", MEMORY, "local/cli.ts", "playground", "--port", String(port), "--webhook", webhook.url];
  const child = spawn(process.execPath, [...args, "--secret", "s", "--data", join(folder, "data.sqlite")], {
    env: machineEnvironment(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const errors = text(child.stderr);
  await once(child.stdout, "data");
  const call = async (path: string, body?: object) =>
    (await fetch(base + path, body && { method: "POST", body: JSON.stringify(body) })).json();
  const page = await fetch(`${base}/events`);
  const events = (page.body as ReadableStream<Uint8Array>).getReader();

  const { apps } = await call("/state");
  for (const { steps, route, times } of Object.values(KINDS)) {
    webhook.answers(steps);
    for (let i = 0; i < times; i++) {
      const thread = await call(`/apps/${apps[0].id}/threads`, {});
      await call(`/threads/${thread.id}/send`, { text: "hello", route });
      for (let end = ""; !end.includes("The playground stopped reading"); )
        end = end.slice(-40) + Buffer.from((await events.read()).value ?? []).toString();
    }
  }
  child.kill("SIGINT");
  const [, kilobytes] = /took at most (\d+) kB/.exec(await errors) ?? [];
  console.log(`fifty answers without an end: the playground took at most ${Math.round(Number(kilobytes) / 1000)} MB`);
  expect(Number(kilobytes) / 1000).toBeLessThan(MOST_MB);
  rmSync(folder, { recursive: true });
});
