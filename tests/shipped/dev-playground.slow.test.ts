import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { firstStep } from "../../local/dev/dev-server.ts";
import { freePort, portInUse } from "../../local/dev/port.ts";
import { SECRET_WRITTEN } from "../../local/dev/written-secret.ts";
import { EXIT } from "../../local/exit-codes.ts";
import { openStore } from "../../local/playground/store/open.ts";
import { cli } from "../check/cli.ts";
import { machineEnvironment } from "../http/servers.ts";
import { freshClone } from "../support/fresh-clone.ts";
import { type NpmScript, npmRun } from "../support/npm-script.ts";

const ECHO = 'export const reply = ({ message }: { message: { content: string } }) => "Echo: " + message.content;\n';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** A clone in which `npm run dev` can be started, on the same two ports each time. */
async function project({ dotEnv }: { dotEnv?: string } = {}) {
  const { folder, remove } = freshClone(dotEnv);
  cleanUps.push(remove);
  writeFileSync(join(folder, "shared/reply.ts"), ECHO);
  const [port, playgroundPort] = [await freePort(), await freePort()];
  const webhookUrl = `http://localhost:${port}/stream`;
  return {
    ...{ folder, port, playgroundPort, webhookUrl },
    dotEnv: () => readFileSync(join(folder, ".env"), "utf8"),
    dev(env: Record<string, string> = {}, more: readonly string[] = []): NpmScript {
      const ports = { PORT: String(port), PLAYGROUND_PORT: String(playgroundPort) };
      const running = npmRun(["dev", ...more], folder, { ...machineEnvironment(), ...ports, ...env });
      cleanUps.push(() => stop(running));
      return running;
    },
    openStore: () => openStore(join(folder, ".replyhook/playground.sqlite")).store,
    portsInUse: async () => [await portInUse(port), await portInUse(playgroundPort)],
  };
}

function stop(running: NpmScript): Promise<number | null> {
  running.signal("SIGINT");
  return running.exited;
}

describe("npm run dev in a fresh clone", () => {
  test("makes one secret for both sides, and a streamed reply is stored, also after a restart", async () => {
    const { folder, playgroundPort, webhookUrl, dotEnv, dev, openStore, portsInUse } = await project();
    const first = dev();
    await first.printed("/run  ");
    await stop(first);
    expect(await portsInUse()).toEqual([false, false]);
    const [, secret = ""] = /^WEBHOOK_SECRET=(local_[0-9a-f]{64})\n$/.exec(dotEnv()) ?? [];
    expect(statSync(join(folder, ".env")).mode & 0o777).toBe(0o600);

    let store = openStore();
    const [app, ...others] = store.apps();
    expect([others, app]).toEqual([[], expect.objectContaining({ name: "My webhook", webhookUrl, secret })]);
    const { thread } = store.createThread(app?.id ?? "");
    store.addMessage(thread.id, { role: "user", content: "café 😀" });
    store.close();

    const second = dev();
    const written = dotEnv();
    await second.printed(firstStep(`http://localhost:${playgroundPort}`));
    expect((await fetch(`http://localhost:${playgroundPort}/`)).status).toBe(200);
    const chat = await fetch(`http://localhost:${playgroundPort}/apps/${app?.id}/threads/${thread.id}/run/stream`);
    expect(await chat.text()).toContain('data: {"text":"Echo: caf\\u00e9 \\ud83d\\ude00"}');
    await stop(second);
    expect(await portsInUse()).toEqual([false, false]);

    store = openStore();
    expect(store.apps()).toEqual([app]);
    const [stored] = store.tail(thread.id, 1);
    expect(stored?.content).toBe("Echo: café 😀");
    expect(stored?.contentJson?.get("source")).toBe("dashboard_agent");
    store.close();

    expect(dotEnv()).toBe(written);
    expect([first, second].map(({ lines }) => lines.filter((line) => line === SECRET_WRITTEN).length)).toEqual([1, 0]);
    const printed = [...first.lines, ...second.lines].join("\n");
    expect(printed).toContain("mode      signed");
    expect(printed).not.toMatch(/warning|Warning/);
    expect(printed).not.toContain(secret);
  });
});

describe("npm run dev", () => {
  test("stays unsigned with an empty WEBHOOK_SECRET on both sides, and says so", async () => {
    const { dotEnv, dev, openStore } = await project({ dotEnv: "WEBHOOK_SECRET=\n" });
    const running = dev();
    await running.printed("mode      unsigned");
    await stop(running);
    const store = openStore();
    expect(store.apps().map(({ secret }) => secret)).toEqual([""]);
    store.close();
    expect(dotEnv()).toBe("WEBHOOK_SECRET=\n");
  });

  test("makes a WEBHOOK_SECRET beside WEBHOOK_SECRETS, for the playground's App and all that have none of their own", async () => {
    const written = `WEBHOOK_SECRETS='{"shop-1": "of shop 1"}'\n`;
    const { folder, port, dotEnv, dev } = await project({ dotEnv: written });
    const running = dev();
    await running.printed("mode      signed: messages without a valid signature are refused; Apps with their own secret: 1");
    await running.printed("to chat with it");
    const [, secret = ""] = /\nWEBHOOK_SECRET=(local_[0-9a-f]{64})\n$/.exec(dotEnv()) ?? [];
    expect(dotEnv()).toBe(`${written}WEBHOOK_SECRET=${secret}\n`);
    const send = async (...args: string[]) =>
      (await cli(["send", `http://localhost:${port}/`, "hi", ...args], { cwd: folder })).code;
    expect([await send(), await send("--app", "shop-1"), await send("--app", "shop-2")]).toEqual([0, 0, 0]);
    expect(await send("--app", "shop-1", "--secret", secret)).toBe(EXIT.signatureRefused);
    await stop(running);
  });

  test("starts the webhook alone if the playground's port is in use, in one sentence, without a BACKEND_URL", async () => {
    const written = "# WEBHOOK_SECRET=\nFALLBACK_REPLY=Sorry";
    const { folder, playgroundPort, dotEnv, dev, portsInUse } = await project({ dotEnv: written });
    const other: Server = createServer().listen(playgroundPort, "127.0.0.1");
    cleanUps.push(() => other.close());
    const running = dev();
    await running.printed("/run  ");
    expect(dotEnv()).toMatch(/^# WEBHOOK_SECRET=\nFALLBACK_REPLY=Sorry\nWEBHOOK_SECRET=local_[0-9a-f]{64}\n$/);
    expect(running.lines[1]).toBe(
      `Port ${playgroundPort} is in use, so the webhook starts without the playground. To have both: PLAYGROUND_PORT=${playgroundPort + 2} npm run dev`,
    );
    expect(running.lines.join("\n")).toContain("Set BACKEND_URL to the main app's backend to keep it.");
    expect(running.lines.join("\n")).not.toContain("to chat with it");
    expect(existsSync(join(folder, ".replyhook"))).toBe(false);
    expect(await portsInUse()).toEqual([true, true]);
  });

  test("takes its App along to another PORT and to https, and leaves an App of the same name with another URL", async () => {
    const { dev, openStore } = await project({ dotEnv: "WEBHOOK_SECRET=abc\n" });
    const urls = () => {
      const store = openStore();
      const all = store.apps().map(({ webhookUrl }) => webhookUrl);
      store.close();
      return all;
    };
    let running = dev();
    await running.printed("to chat with it");
    await stop(running);
    const store = openStore();
    store.createApp({
      name: "My webhook",
      mode: "webhook",
      webhookUrl: "http://localhost:1/other",
      secret: "",
      timeoutMs: 8000,
    });
    store.close();
    const port = await freePort();
    running = dev({ PORT: String(port) });
    await running.printed("to chat with it");
    await stop(running);
    expect(urls()).toEqual([`http://localhost:${port}/stream`, "http://localhost:1/other"]);
    running = dev({ PORT: String(port) }, ["--", "--local-protocol", "https"]);
    await running.printed("to chat with it");
    await stop(running);
    expect(urls()).toEqual([`https://localhost:${port}/stream`, "http://localhost:1/other"]);
  });

  test("ends both, with a line that says why, if the webhook's process dies", async () => {
    const { port, dev, portsInUse } = await project({ dotEnv: "WEBHOOK_SECRET=abc\n" });
    const running = dev();
    await running.printed("to chat with it");
    const processes = execFileSync("ps", ["-eo", "pid=,args="], { encoding: "utf8" }).split("\n");
    const wrangler = processes.find((line) => line.includes(`wrangler.js dev --port ${port} `)) ?? "";
    process.kill(Number.parseInt(wrangler, 10), "SIGKILL");
    expect(await running.exited).toBe(1);
    expect(running.lines.at(-1)).toBe("The Worker (wrangler dev) ended by itself, so the playground ends too.");
    await expect.poll(portsInUse, { timeout: 10_000 }).toEqual([false, false]);
  });

  test("says that the data file is damaged, and where it is now, or that it is in use", async () => {
    const { folder, dev, openStore } = await project({ dotEnv: "WEBHOOK_SECRET=abc\n" });
    mkdirSync(join(folder, ".replyhook"));
    writeFileSync(join(folder, ".replyhook/playground.sqlite"), "no database");
    const damaged = dev();
    await damaged.printed(
      "It was moved to .replyhook/playground.sqlite.damaged-1, and the playground starts with an empty file.",
    );
    await stop(damaged);
    const store = openStore();
    const second = dev();
    await second.printed(
      "Another playground has .replyhook/playground.sqlite open. So the webhook starts without the playground.",
    );
    await stop(second);
    store.close();
  });
});

test("npm run playground ends when npm alone is told to end", async () => {
  const { folder, playgroundPort } = await project({ dotEnv: "WEBHOOK_SECRET=abc\n" });
  const env = { ...machineEnvironment(), PLAYGROUND_PORT: String(playgroundPort) };
  const running = npmRun(["playground"], folder, env);
  cleanUps.push(() => running.signal("SIGKILL"));
  await running.printed("Ctrl-C ends it.");
  process.kill(running.pid, "SIGTERM");
  await expect.poll(() => portInUse(playgroundPort), { timeout: 10_000 }).toBe(false);
  await running.exited;
});
