import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, describe, expect, test } from "vitest";
import { freePort } from "../../local/dev/port.ts";
import { machineEnvironment } from "../http/servers.ts";
import { freshClone } from "../support/fresh-clone.ts";
import { npmRun } from "../support/npm-script.ts";
import { payload } from "../support/payload.ts";

const clone = freshClone();
afterAll(() => clone.remove());

/** Starts the dev script of a clone, from another folder, until it prints `until` or ends. */
async function dev(target: string, { until = "never", folder = clone.folder } = {}) {
  const port = await freePort();
  const child = spawn(process.execPath, [join(folder, "local/dev/dev.ts"), target], {
    cwd: tmpdir(),
    env: { ...machineEnvironment(), PORT: String(port) },
  });
  child.stdout.on("data", (piece) => {
    if (String(piece).includes(until)) child.kill("SIGINT");
  });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { code, out, err };
}

describe("the dev servers", () => {
  test.each(["worker", "node"])("start from another folder: %s", async (target) => {
    const { code, out, err } = await dev(target, { until: "  /run  " });
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain("replyhook listens on");
  });

  test.each(["worker", "node"])("do not start with a secret that .env would cut, and name its line: %s", async (target) => {
    writeFileSync(join(clone.folder, ".env"), "# mine\nWEBHOOK_SECRET=abcd#efgh\n");
    const { code, out, err } = await dev(target);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(/^\.env, line 2: WEBHOOK_SECRET has more after the = .*\n$/);
    expect(err).not.toMatch(/abcd|efgh/);
    writeFileSync(join(clone.folder, ".env"), "");
  });

  test("have no rate limit, also if wrangler.toml sets one", async () => {
    const limited = freshClone();
    const file = join(limited.folder, "wrangler.toml");
    const [, block = ""] = /\n((?:# \[\[ratelimits\]\]\n)(?:# .*\n?)+)/.exec(readFileSync(file, "utf8")) ?? [];
    expect(block).toContain("limit = 300");
    appendFileSync(file, `\n${block.replaceAll(/^# /gm, "").replace("limit = 300", "limit = 1")}`);
    const port = await freePort();
    const running = await npmRun(["dev:worker"], limited.folder, { ...machineEnvironment(), PORT: String(port) });
    await running.printed("  /run  ");
    const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(payload("hello")) };
    // What it answers is up to the reply, which may be any.
    for (let sent = 0; sent < 3; sent++) expect((await fetch(`http://localhost:${port}/`, init)).status).not.toBe(429);
    running.signal("SIGINT");
    await running.exited;
    limited.remove();
  });

  test("say in one sentence that the project cannot be written to", async () => {
    // Root may write everywhere, but not below a file.
    const other = freshClone();
    writeFileSync(join(other.folder, ".wrangler"), "");
    const { code, err } = await dev("worker", other);
    expect([code, err]).toEqual([2, "Cannot write into .wrangler of this project, which wrangler dev needs: EEXIST.\n"]);
    other.remove();
  });
});
