import { get } from "node:https";
import { afterEach, describe, expect, test } from "vitest";
import { freePort } from "../../local/dev/port.ts";
import type { NpmScript } from "../support/npm-script.ts";
import { devOptions } from "./dev-options.ts";

const cloudflared = (how: string) => new URL(`../support/cloudflared-${how}.mjs`, import.meta.url).pathname;

let running: NpmScript | undefined;
afterEach(async () => {
  running?.signal("SIGINT");
  await running?.exited;
  running = undefined;
});

describe("npm run dev -- OPTIONS", () => {
  const dev = devOptions("dev");

  test("passes the options on to wrangler dev", async () => {
    const port = await freePort();
    running = await dev(["--local-protocol", "https"], { PORT: String(port) });
    await running.printed(`/run      https://localhost:${port}/`);
    const status = await new Promise((resolve, reject) => {
      const request = get(`https://localhost:${port}/health`, { rejectUnauthorized: false }, (answer) =>
        resolve(answer.resume().statusCode),
      );
      request.on("error", reject);
    });
    expect(status).toBe(200);
  });

  test("--tunnel: prints what to paste for the public URL, and that a quick tunnel is for /run", async () => {
    const port = await freePort();
    running = await dev(["--tunnel"], { PORT: String(port), CLOUDFLARED_PATH: cloudflared("connects") });
    await running.printed("/run      https://quick-brown-fox.trycloudflare.com/");
    expect(running.lines).toContain(`  /run      http://localhost:${port}/`);
    expect(running.lines).toContain("  chat      https://quick-brown-fox.trycloudflare.com/stream");
    await running.printed("Quick tunnels carry no server-sent events");
    // The real main app uses this URL, and the playground does not have its threads.
    await running.printed("Set BACKEND_URL to the main app's backend to keep it.");
  });

  test("--tunnel that fails: what cloudflared said, and exit code 1", async () => {
    const port = await freePort();
    running = await dev(["--tunnel"], { PORT: String(port), CLOUDFLARED_PATH: cloudflared("fails") });
    const failed = running;
    expect(await failed.exited).toBe(1);
    expect(failed.lines.join("\n")).toMatch(/cloudflared exited with code 1 .*\n.*\n.*failed to request quick Tunnel/);
    expect(failed.lines.at(-1)).toBe("The Worker (wrangler dev) did not start.");
  });

  test("--help says what is taken and what is passed on", async () => {
    running = await dev(["--help"]);
    const help = running;
    expect(await help.exited).toBe(0);
    for (const words of ["dev:netlify", "PORT", ".env", "-- --tunnel", "-- --live"]) await help.printed(words);
  });

  test("--port is refused with what to write instead", async () => {
    running = await dev(["--port", "9000"]);
    const refused = running;
    expect(await refused.exited).toBe(2);
    expect(refused.lines).toEqual(["Set the port in the environment: PORT=9000 npm run dev"]);
  });
});

describe("npm run dev:node -- OPTIONS", () => {
  const dev = devOptions("dev:node");

  test("refuses options in one sentence, because there is no tool to take them", async () => {
    running = await dev(["--inspect"]);
    const refused = running;
    expect(await refused.exited).toBe(2);
    expect(refused.lines).toEqual([
      "The Node server (server.mjs) takes no options, so --inspect cannot be passed on. See npm run dev:node -- --help",
    ]);
  });
});
