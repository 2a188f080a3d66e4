import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { allChecks } from "../../local/check/checks/all.ts";
import { Deadline } from "../../local/check/deadline.ts";
import { LONGEST_RUN_MS } from "../../local/check/runner.ts";
import { type Sent, Webhook } from "../../local/check/webhook.ts";
import type { OutgoingRequest } from "../../local/sender/outgoing-request.ts";
import { folded, shellSnippet } from "../../local/sender/snippet.ts";
import { SECRET, startWebhook } from "./broken/base.ts";
import { bypassDefects } from "./broken/bypass-defects.ts";
import { signaturePartDefects } from "./broken/signature-part-defects.ts";
import { signedTextDefects } from "./broken/signed-text-defects.ts";
import { valueDefects } from "./broken/value-defects.ts";
import { hasCommands } from "./commands.ts";
import { run as checked } from "./run.ts";

/** Webhooks that accept what they must refuse. */
const LENIENT = [...signaturePartDefects, ...signedTextDefects, ...bypassDefects, ...valueDefects].filter(
  ({ caughtBy }) => caughtBy.startsWith("S") && !["S29", "S30"].includes(caughtBy),
);

const run = promisify(execFile);
/** curl cannot break off a body, or send half of one. */
const NOT_FOR_CURL = ["H11", "H27"];

class Recording extends Webhook {
  readonly all: Sent[] = [];
  override async send(...args: Parameters<Webhook["send"]>): Promise<Sent> {
    const sent = await super.send(...args);
    this.all.push(sent);
    return sent;
  }
}

test.runIf(hasCommands("curl", "openssl"))(
  "the commands of a failed check can be pasted, and get the same status",
  { timeout: 120_000 },
  async () => {
    await using running = await startWebhook();
    const folder = mkdtempSync(join(tmpdir(), "replyhook-"));
    const differing: string[] = [];
    const statuses = new Set<number>();
    for (const check of allChecks.filter(({ id, group }) => group !== "load" && !NOT_FOR_CURL.includes(id))) {
      const checked = { url: running.url, stream: running.stream, secret: SECRET, timeoutMs: 5000 };
      const webhook = new Recording(checked, new Deadline(LONGEST_RUN_MS));
      webhook.isEcho = true;
      await check.run(webhook).catch(() => {});
      const distinct = webhook.all.filter(({ request }) => !isProbe(request) || check.id === "C01");
      for (const { request, answer } of distinct.slice(0, 12)) {
        const script = folded(shellSnippet(request)).replace("<your webhook secret>", SECRET);
        const { stdout } = await run("bash", ["-c", script], { cwd: folder, maxBuffer: 64 * 1024 * 1024 }).catch(
          (error) => error,
        );
        const status = Number(/^HTTP\/1\.1 (?!100)(\d{3})/m.exec(stdout)?.[1]);
        statuses.add(status);
        if (status !== answer?.status) differing.push(`${check.id}: ${answer?.status} became ${status}\n${script}`);
      }
    }
    rmSync(folder, { recursive: true });
    expect(differing).toEqual([]);
    expect([...statuses].sort()).toEqual([200, 400, 401, 404, 405, 413, 415, 422]);
  },
);

test.runIf(hasCommands("curl", "openssl"))(
  "the commands get a lenient webhook to accept the message again",
  { timeout: 120_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "replyhook-"));
    const refused: string[] = [];
    for (const { caughtBy, mistake, changes } of LENIENT) {
      await using running = await startWebhook(changes);
      const { results } = await checked(running, { only: caughtBy });
      const script = results[0]?.problem?.reproduce?.replace("<your webhook secret>", SECRET) ?? "";
      const { stdout } = await run("bash", ["-c", script], { cwd: folder });
      if (!stdout.startsWith("HTTP/1.1 200")) refused.push(`${caughtBy}, ${mistake}: ${stdout}\n${script}`);
    }
    rmSync(folder, { recursive: true });
    expect(refused).toEqual([]);
  },
);

test("the commands never contain the secret", async () => {
  await using running = await startWebhook();
  const webhook = new Webhook({ url: running.url, secret: SECRET, timeoutMs: 5000 }, new Deadline(LONGEST_RUN_MS));
  const snippet = shellSnippet(webhook.textRequest("it's $HOME `date` \\ !"));
  expect(snippet).not.toContain(SECRET);
  expect(snippet).toContain("SECRET='<your webhook secret>'");
});

/** A plain message that is sent after others, to see whether the webhook still answers. */
function isProbe({ body, method }: OutgoingRequest): boolean {
  return method === "POST" && /"content":"hello [0-9a-f]{12}"/.test(String(body[0]));
}
