import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { freePort } from "../../local/dev/port.ts";
import { machineEnvironment } from "../http/servers.ts";
import { expectAnyReply } from "../support/any-reply.ts";
import { connects, sendTo } from "../support/http-target.ts";
import { SMOKE_BODY } from "../support/payload.ts";
import { unsigned } from "../support/signing.ts";
import { postSingleBytes } from "../support/single-bytes.ts";
import type { ExactRequest } from "../support/target.ts";

const FOLDER = "examples/webhook-typescript";
/** A PATH with the installed Node, not the one that runs the tests. It may be too old for TypeScript. */
const installedNode = (process.env.PATH ?? "")
  .split(":")
  .filter((folder) => !folder.includes("node_modules"))
  .join(":");

/** A request that no reply logic sees. */
const HEALTH: ExactRequest = { method: "GET", path: "/health", headers: [], body: new Uint8Array() };

let stop = () => {};
afterEach(() => stop());

async function start(args: string[], env: Record<string, string> = {}, cwd = FOLDER) {
  const port = await freePort();
  const startedAt = performance.now();
  const child = spawn("node", args, {
    cwd,
    detached: true,
    env: { ...machineEnvironment(), PATH: installedNode, PORT: String(port), ...env },
  });
  stop = () => child.kill("SIGKILL");
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  const exited = new Promise<{ code: number | null; at: number }>((resolve) =>
    child.once("close", (code) => resolve({ code, at: performance.now() })),
  );
  const listening = async () => {
    while (!(await connects(port))) {
      if (child.exitCode !== null) throw new Error(`the server ended: ${output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return performance.now() - startedAt;
  };
  return { port, child, exited, listening, output: () => output };
}

describe("node server.mjs", () => {
  test("passes the main app's smoke test: listens within 2 s, answers, exits within 1 s of SIGTERM", async () => {
    const { port, child, exited, listening } = await start(["server.mjs"]);
    expect(await listening()).toBeLessThan(2000);
    const headers = { "Accept-Encoding": "identity", Connection: "close" };
    const answer = await sendTo(port, unsigned(SMOKE_BODY, { headers }));
    expectAnyReply(answer);
    const toldAt = performance.now();
    child.kill("SIGTERM");
    const { code, at } = await exited;
    expect(code).toBe(0);
    expect(at - toldAt).toBeLessThan(1000);
  });

  test("listens on 127.0.0.1, localhost and, if it exists, ::1", async () => {
    const { port, listening } = await start(["server.mjs"]);
    await listening();
    expect(await connects(port, "localhost")).toBe(true);
    const { networkInterfaces } = await import("node:os");
    const hasIpv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === "::1"));
    await expect.poll(() => connects(port, "::1")).toBe(hasIpv6);
  });

  test.each(["SIGTERM", "SIGINT"] as const)(
    "ends well on a %s that comes as soon as it accepts connections",
    async (signal) => {
      const { child, exited, listening } = await start(["server.mjs"]);
      await listening();
      child.kill(signal);
      expect((await exited).code).toBe(0);
    },
  );

  test("ends well on a Ctrl-C, which a terminal sends to every process of the group", async () => {
    const { child, exited, listening } = await start(["server.mjs"]);
    await listening();
    process.kill(-(child.pid ?? 0), "SIGINT");
    expect((await exited).code).toBe(0);
  });

  test("its exit code says which signal ended the newer Node that it started", async () => {
    const { child, exited, listening } = await start(["server.mjs"]);
    await listening();
    const { execFileSync } = await import("node:child_process");
    const started = execFileSync("ps", ["-o", "pid=", "--ppid", String(child.pid)], { encoding: "utf8" }).trim();
    if (started === "") return; // This machine's own Node is new enough.
    process.kill(Number(started), "SIGKILL");
    expect((await exited).code).toBe(128 + 9);
  });

  test("goes on when the reader of its log exits", async () => {
    const { port, child, listening, exited } = await start(["server.mjs"]);
    await listening();
    child.stdout.destroy();
    child.stderr.destroy();
    for (let i = 0; i < 5; i++) expect((await sendTo(port, HEALTH)).status).toBe(200);
    child.kill("SIGTERM");
    expect((await exited).code).toBe(0);
  });

  test("a port in use is one sentence, and exit code 1", async () => {
    const first = await start(["server.mjs"]);
    await first.listening();
    const second = await start(["server.mjs"], { PORT: String(first.port) });
    expect((await second.exited).code).toBe(1);
    expect(second.output()).toBe(
      `Port ${first.port} is in use. Stop what uses it, or choose another: PORT=8083 node server.mjs\n`,
    );
    first.child.kill("SIGKILL");
  });

  test("survives, with a heap of 64 MB, eight attackers that each send a megabyte in single bytes", {
    timeout: 120_000,
  }, async () => {
    const { port, listening, exited, child } = await start(["server.mjs"], { NODE_OPTIONS: "--max-old-space-size=64" });
    await listening();
    const answers = await Promise.all(Array.from({ length: 8 }, () => postSingleBytes(port, 1_048_576)));
    // A reset may overtake an answer: the attacker has sent more than was read.
    const refused = answers.filter((answer) => answer.includes("body_too_fragmented"));
    expect(refused.length).toBeGreaterThan(0);
    expect(answers.filter((answer) => answer !== "")).toEqual(refused);
    expect((await sendTo(port, HEALTH)).status).toBe(200);
    child.kill("SIGTERM");
    expect((await exited).code).toBe(0);
  });

  test("without the repository's Node, an older Node says in one sentence what to do", async () => {
    const folder = mkdtempSync(join(tmpdir(), "replyhook-old-node-"));
    cpSync(FOLDER, join(folder, "a/b"), { recursive: true });
    const oldNode = "Object.defineProperty(process.features, 'typescript', { value: false });";
    const { exited, output } = await start(
      ["--import", `data:text/javascript,${encodeURIComponent(oldNode)}`, "server.mjs"],
      {},
      join(folder, "a/b"),
    );
    expect((await exited).code).toBe(1);
    expect(output()).toMatch(/^This needs Node 22\.18 or newer, and this is v[\d.]+: run "npm ci" in the repository, .*\n$/);
    rmSync(folder, { recursive: true });
  });
});
