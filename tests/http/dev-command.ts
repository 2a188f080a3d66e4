import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { freePort, portInUse } from "../../local/port.ts";
import { sendTo } from "../support/http-target.ts";
import { payload } from "../support/payload.ts";
import { escaped, signedRequest, unsigned } from "../support/signing.ts";
import { jsonOf, textOf } from "../support/target.ts";
import { machineEnvironment } from "./servers.ts";

const SECRET = "se$cret with 'signs'";

/** The repository's files, with a `.env` of their own. */
const folder = mkdtempSync(join(tmpdir(), "replyhook-dev-"));
const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { encoding: "utf8" })
  .trim()
  .split("\n");
for (const file of files) cpSync(file, join(folder, file));
symlinkSync(join(process.cwd(), "node_modules"), join(folder, "node_modules"));
// With a byte order mark, as some editors write it.
writeFileSync(join(folder, ".env"), `\ufeffWEBHOOK_SECRET="${SECRET}"\nPORT=1\n`);
afterAll(() => rmSync(folder, { recursive: true }));

function run(script: string, env: Record<string, string>) {
  const child = spawn("npm", ["run", "--silent", script], {
    cwd: folder,
    env: { ...machineEnvironment(), ...env },
    detached: true,
  });
  const lines: string[] = [];
  const waiting: { text: string; found: () => void }[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line);
      for (const { text, found } of waiting) if (line.includes(text)) found();
    });
  }
  const exited = new Promise<number | null>((resolve) => child.once("close", resolve));
  const signal = (name: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-(child.pid ?? 0), name);
  };
  const printed = (text: string) =>
    lines.some((line) => line.includes(text))
      ? Promise.resolve()
      : new Promise<void>((found, failed) => {
          waiting.push({ text, found });
          exited.then((code) => failed(new Error(`ended with ${code} before it printed ${text}:\n${lines.join("\n")}`)));
        });
  const closeLog = () => {
    for (const stream of [child.stdout, child.stderr]) stream.destroy();
  };
  return { lines, exited, signal, printed, closeLog, pid: child.pid ?? 0 };
}

/** What each `npm run dev:*` promises: the same settings, the same lines, the same answers, and a clean end. */
export function devCommandPromises(script: string): void {
  describe(`npm run ${script}`, () => {
    let running: ReturnType<typeof run> | undefined;
    afterEach(async () => {
      // Only what is asked to end can end what it has started.
      running?.signal("SIGINT");
      await running?.exited;
      running = undefined;
    });

    test("listens on PORT with the settings of .env, says what to paste, answers, and ends with Ctrl-C", {
      timeout: 300_000,
    }, async () => {
      const port = await freePort();
      running = run(script, { PORT: String(port) });
      await running.printed(`/run      http://localhost:${port}/`);
      expect(running.lines.join("\n")).toContain(`chat      http://localhost:${port}/stream`);
      expect(running.lines.join("\n")).toContain("mode      signed");

      const body = JSON.stringify(payload("café 😀"));
      const now = Math.floor(Date.now() / 1000);
      const answer = await sendTo(port, await signedRequest(SECRET, now, body, { signed: escaped(body) }));
      expect([answer.status, jsonOf(answer)]).toEqual([200, { reply: "Echo: café 😀" }]);
      const stream = await sendTo(port, await signedRequest(SECRET, now, body, { signed: escaped(body), path: "/stream" }));
      expect(textOf(stream)).toContain('data: {"status":"completed"');
      const refused = await sendTo(port, unsigned(body));
      expect([refused.status, jsonOf(refused).code]).toEqual([401, "signature_missing"]);

      await running.printed("401  signature_missing");
      const log = running.lines.join("\n");
      expect(log).toMatch(/^\d\d:\d\d:\d\d {2}POST {2}\/ {2}200 {2}escaped {2}\d+ ms$/m);
      expect(log).not.toContain("café");
      expect(log).not.toContain(SECRET);

      running.signal("SIGINT");
      await running.exited;
      await expect(sendTo(port, unsigned(body))).rejects.toThrow("ECONNREFUSED");
      running = undefined;
    });

    test("outlives the reader of its log", { timeout: 300_000 }, async () => {
      const port = await freePort();
      running = run(script, { PORT: String(port) });
      await running.printed(`/run      http://localhost:${port}/`);
      running.closeLog();
      const body = JSON.stringify(payload("hello"));
      for (let i = 0; i < 5; i++) {
        const request = await signedRequest(SECRET, Math.floor(Date.now() / 1000), body);
        expect((await sendTo(port, request)).status).toBe(200);
      }
    });

    test("ends when npm is told to end, though npm tells nobody", { timeout: 300_000 }, async () => {
      const port = await freePort();
      const started = run(script, { PORT: String(port) });
      await started.printed(`/run      http://localhost:${port}/`);
      process.kill(started.pid, "SIGTERM");
      await started.exited;
      await expect.poll(() => portInUse(port), { timeout: 10_000 }).toBe(false);
    });

    test("a port in use is one sentence with what to do, and not exit code 0", { timeout: 60_000 }, async () => {
      const { createServer } = await import("node:http");
      const other = createServer();
      const port = await freePort();
      await new Promise<void>((resolve) => other.listen(port, "127.0.0.1", resolve));
      try {
        const refused = run(script, { PORT: String(port) });
        expect(await refused.exited).not.toBe(0);
        expect(refused.lines).toEqual([
          expect.stringMatching(`^Port ${port} is in use\\. Stop what uses it, or choose another: PORT=`),
        ]);
      } finally {
        other.close();
      }
    });
  });
}
