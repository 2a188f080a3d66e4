import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { processTree } from "../support/processes.ts";

function soak(minutes: string) {
  const child = spawn(process.execPath, ["tests/soak/soak.ts", "--minutes", minutes], { stdio: ["ignore", "pipe", "pipe"] });
  return { child, output: text(child.stdout), errors: text(child.stderr), exited: once(child, "exit") };
}

test("npm run soak: half a minute of mixed load gets no wrong answer", { timeout: 120_000 }, async () => {
  const { output, errors, exited } = soak("0.5");
  const [code] = await exited;
  console.log(await output);
  expect(await errors).toBe("");
  expect(code).toBe(0);
  expect((await output).match(/requests, 0 wrong answers/g)).toHaveLength(2);
  expect(await output).toMatch(/heap of the webhook: [\d.]+ MB, then [\d.]+ MB; slope -?[\d.]+ MB a minute/);
});

test("Ctrl-C ends npm run soak and the servers that it started", { timeout: 120_000 }, async () => {
  const { child, exited } = soak("10");
  const started = () => processTree(child.pid as number);
  // The soak itself, the Node server, and workerd.
  await expect.poll(() => started().length, { timeout: 60_000 }).toBeGreaterThan(2);
  const before = started();
  child.kill("SIGINT");
  expect((await exited)[0]).toBe(130);
  await expect.poll(() => before.filter((pid) => isAlive(pid)), { timeout: 10_000 }).toEqual([]);
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
