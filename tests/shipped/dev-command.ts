import { networkInterfaces } from "node:os";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { freePort, portInUse } from "../../local/dev/port.ts";
import { machineEnvironment } from "../http/servers.ts";
import { expectAnyReply } from "../support/any-reply.ts";
import { freshClone } from "../support/fresh-clone.ts";
import { sendTo } from "../support/http-target.ts";
import { type NpmScript, npmRun } from "../support/npm-script.ts";
import { payload } from "../support/payload.ts";
import { escaped, signedRequest, unsigned } from "../support/signing.ts";
import { jsonOf, textOf } from "../support/target.ts";

const hasIpv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === "::1"));
const SECRET = "se$cret with 'signs'";

// Some editors write a byte order mark.
const signed = freshClone(`\ufeffWEBHOOK_SECRET="${SECRET}"\nPORT=1\n`);
const bare = freshClone("WEBHOOK_SECRET=\n");
afterAll(() => {
  signed.remove();
  bare.remove();
});

/** The promises of each `npm run dev:*`: the same settings, the same lines, the same answers, and a clean end. */
export function devCommandPromises(script: string): void {
  describe(`npm run ${script}`, () => {
    const run = async (env: Record<string, string>, { folder } = signed) => {
      const playground = { PLAYGROUND_PORT: String(await freePort()) };
      return npmRun([script], folder, { ...machineEnvironment(), ...playground, REPLY_TIMEOUT_MS: "4000", ...env });
    };
    let running: NpmScript | undefined;
    afterEach(async () => {
      // SIGINT, not SIGKILL: a killed script could not stop its children.
      running?.signal("SIGINT");
      await running?.exited;
      running = undefined;
    });

    test("listens on PORT with the settings of .env, says what to paste, answers, and ends on a Ctrl-C", {
      timeout: 300_000,
    }, async () => {
      const port = await freePort();
      running = await run({ PORT: String(port) });
      await running.printed(`/run      http://localhost:${port}/`);
      expect(running.lines.join("\n")).toContain(`chat      http://localhost:${port}/stream`);
      expect(running.lines.join("\n")).toContain("mode      signed");

      const body = JSON.stringify(payload("café 😀"));
      const now = Math.floor(Date.now() / 1000);
      const answer = await sendTo(port, await signedRequest(SECRET, now, body, { signed: escaped(body) }));
      expectAnyReply(answer);
      if (hasIpv6) expect((await fetch(`http://[::1]:${port}/health`)).status).toBe(200);
      const stream = await sendTo(port, await signedRequest(SECRET, now, body, { signed: escaped(body), path: "/stream" }));
      expect(textOf(stream)).toContain('data: {"status":"completed"');
      // The script itself has asked the webhook for its start-up lines. That request is not the user's.
      expect(running.lines.filter((line) => line.includes("GET  /  200"))).toEqual([]);
      await sendTo(port, { method: "GET", path: "/", headers: [], body: new Uint8Array() });
      await running.printed("GET  /  200");
      const refused = await sendTo(port, unsigned(body));
      expect([refused.status, jsonOf(refused).code]).toEqual([401, "signature_missing"]);

      await running.printed("401  signature_missing");
      const log = running.lines.join("\n");
      expect(log).toMatch(/^\S+ {2}POST {2}\/ {2}\d+ {2}(?:reply_\w+ {2})?escaped {2}/m);
      expect(log).not.toContain(SECRET);

      running.signal("SIGINT");
      await running.exited;
      await expect(sendTo(port, unsigned(body))).rejects.toThrow("ECONNREFUSED");
      running = undefined;
    });

    test("goes on when the reader of its log exits", { timeout: 300_000 }, async () => {
      const port = await freePort();
      running = await run({ PORT: String(port) });
      await running.printed(`/run      http://localhost:${port}/`);
      running.closeLog();
      const body = JSON.stringify(payload("hello"));
      for (let i = 0; i < 5; i++) {
        const request = await signedRequest(SECRET, Math.floor(Date.now() / 1000), body);
        expectAnyReply(await sendTo(port, request));
      }
    });

    test("answers unsigned messages if no secret is set, and says so", { timeout: 300_000 }, async () => {
      const port = await freePort();
      running = await run({ PORT: String(port) }, bare);
      await running.printed(`/run      http://localhost:${port}/`);
      expect(running.lines.join("\n")).toContain(
        "mode      unsigned: everyone who knows the URL can send messages; set WEBHOOK_SECRET",
      );
      expectAnyReply(await sendTo(port, unsigned(JSON.stringify(payload("hello")))));
    });

    test("an explicit REQUIRE_SIGNATURE wins", { timeout: 300_000 }, async () => {
      const port = await freePort();
      running = await run({ PORT: String(port), REQUIRE_SIGNATURE: "true" }, bare);
      await running.printed(`/run      http://localhost:${port}/`);
      expect(running.lines.join("\n")).toContain("mode      not configured");
      const answer = await sendTo(port, unsigned(JSON.stringify(payload("hello"))));
      expect([answer.status, jsonOf(answer).code]).toEqual([503, "not_configured"]);
    });

    test("ends when npm gets a SIGTERM, which npm does not pass on", { timeout: 300_000 }, async () => {
      const port = await freePort();
      const started = await run({ PORT: String(port) });
      await started.printed(`/run      http://localhost:${port}/`);
      process.kill(started.pid, "SIGTERM");
      await started.exited;
      await expect.poll(() => portInUse(port), { timeout: 10_000 }).toBe(false);
    });

    test("a port in use is one sentence with what to do, and a non-zero exit code", { timeout: 60_000 }, async () => {
      const { createServer } = await import("node:http");
      const other = createServer();
      const port = await freePort();
      await new Promise<void>((resolve) => other.listen(port, "127.0.0.1", resolve));
      try {
        const refused = await run({ PORT: String(port) });
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
