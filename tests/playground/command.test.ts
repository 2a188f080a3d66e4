import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { freePort, portInUse } from "../../local/dev/port.ts";
import { openStore } from "../../local/playground/store/open.ts";
import { SECRET, startWebhook } from "../check/broken/base.ts";
import { cli, startCli } from "../check/cli.ts";

let folder: string;
let file: string;
let port: number;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "playground-"));
  file = join(folder, "data.sqlite");
  port = await freePort();
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Starts the command, and stops it as a Ctrl-C does when the work is done. */
async function whileRunning(args: readonly string[], work: (output: string) => unknown = () => {}): Promise<void> {
  await using running = startCli(["playground", "--port", String(port), "--data", file, ...args]);
  const [output] = await running.printed(/.*Ctrl-C ends it\.\n/s);
  await work(output);
  expect(await running.stop("SIGINT")).toBe(130);
  expect(await portInUse(port)).toBe(false);
}

function apps() {
  const { store } = openStore(file);
  const all = store.apps();
  store.close();
  return all;
}

describe("replyhook playground", () => {
  test("calls a webhook in any language with the secret that it was given, and keeps the conversation", async () => {
    await using webhook = await startWebhook();
    const url = `http://localhost:${webhook.url.port}/`;
    const args = ["--webhook", url, "--secret", SECRET];
    await whileRunning(args, (output) =>
      expect(output).toBe(`Open http://localhost:${port}\nApps and conversations are in ${file}. Ctrl-C ends it.\n`),
    );
    const [app] = apps();
    expect(app).toMatchObject({ name: `localhost:${webhook.url.port}`, mode: "webhook", webhookUrl: url, secret: SECRET });

    await whileRunning(args, async () => {
      const call = async (path: string, body: object, secret?: string) => {
        const partner = { "x-app-id": app?.id ?? "", ...(secret !== undefined && { "x-app-secret": secret }) };
        const init = {
          method: "POST",
          headers: { "content-type": "application/json", ...partner },
          body: JSON.stringify(body),
        };
        return (await fetch(`http://localhost:${port}/apps/${app?.id}${path}`, init)).json();
      };
      const { thread } = await call("/threads", {}, SECRET);
      await call(`/threads/${thread.id}/messages`, { role: "user", content: "café 😀" }, SECRET);
      expect(await call(`/threads/${thread.id}/run`, {})).toMatchObject({
        status: "completed",
        assistant_message: { content: "You said: café 😀" },
      });
    });
    expect(apps()).toEqual([app]);
  });

  test("with --to, says what to paste, and what comes there passes to the webhook", async () => {
    await using webhook = await startWebhook();
    const to = `http://localhost:${webhook.url.port}/`;
    const listen = await freePort();
    await whileRunning(["--to", to, "--secret", SECRET, "--listen", String(listen)], async (output) => {
      expect(output).toMatch(
        `Paste http://localhost:${listen}/ in the dashboard: its requests pass to ${to} and appear on the page.\n`,
      );
      const sent = await cli(["send", `http://localhost:${listen}/`, "hello", "--secret", SECRET]);
      expect([sent.code, sent.out]).toEqual([0, expect.stringContaining("You said: hello")]);
      const shown = await (await fetch(`http://localhost:${port}/playground/threads/main-app/messages`)).json();
      expect(shown).toMatchObject([{ content: "hello" }]);
      const samePort = ["playground", "--port", String(await freePort()), "--data", join(folder, "other.sqlite"), "--to", to];
      const { err } = await cli([...samePort, "--listen", String(listen)]);
      expect(err).toBe(`Port ${listen} is in use. Stop what uses it, or choose another: --listen ${listen + 2}\n`);
    });
    expect(await portInUse(listen)).toBe(false);
    expect(apps()).toMatchObject([{ webhookUrl: to, secret: SECRET }]);
  });

  test.each([
    [["--listen", "8083"], "--listen needs --to"],
    [["--to", "http://localhost:1/", "--webhook", "http://localhost:2/"], "cannot be used with option '--webhook <url>'"],
    [["--to", "http://user:pw@localhost:1/"], "--to must have no user name"],
    [["--to", "http://localhost:8899/", "--listen", "8899"], "--to is the playground's own address"],
    [["--to", "http://localhost:8898/", "--port", "8898"], "--to is the playground's own address"],
    [["--to", "http://localhost:1/", "--port", "8899", "--listen", "8899"], "--listen and --port are both 8899"],
  ])("a wrong command line is said in one sentence: %j", async (args, words) => {
    const { code, err } = await cli(["playground", "--port", String(port), "--data", file, ...args]);
    expect([code, err]).toEqual([2, expect.stringContaining(words)]);
  });

  test("gives the App of its webhook the secret of each start, and leaves the other Apps as they are", async () => {
    const { store } = openStore(file);
    const others = ["http://localhost:1/", null].map((webhookUrl) =>
      store.createApp({ name: "Other", mode: "webhook", webhookUrl, secret: "other", timeoutMs: 8000 }),
    );
    store.close();
    for (const secret of ["first", "second", ""]) {
      await whileRunning(["--webhook", "http://localhost:1/stream", "--secret", secret]);
      expect(apps()).toEqual([...others, expect.objectContaining({ webhookUrl: "http://localhost:1/stream", secret })]);
    }
  });

  test("keeps its file in a folder that only this user can open, and that git ignores", async () => {
    const args = ["playground", "--port", String(port), "--webhook", "http://localhost:1/"];
    await using running = startCli(args, { cwd: folder });
    await running.printed(/are in \.replyhook\/playground\.sqlite\./);
    expect(statSync(join(folder, ".replyhook")).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(folder, ".replyhook"))).toContain(".gitignore");
  });

  test("lets nobody else read its file, also one of --data that others could read", async () => {
    const mode = () => statSync(file).mode & 0o777;
    await whileRunning([], () => expect(mode()).toBe(0o600));
    chmodSync(file, 0o644);
    await whileRunning([], () => expect(mode()).toBe(0o600));
  });

  test("takes PLAYGROUND_PORT from .env", async () => {
    writeFileSync(join(folder, ".env"), `PLAYGROUND_PORT=${port}\n`);
    await using running = startCli(["playground", "--data", file], { cwd: folder });
    await running.printed(new RegExp(`^Open http://localhost:${port}$`, "m"));
  });

  test("says in one sentence that the port is in use, that the file is, or that the main app refuses the URL", async () => {
    const said = (sentence: string) => ({ code: 2, out: "", err: `${sentence}\n` });
    await whileRunning([], async () => {
      const samePort = await cli(["playground", "--port", String(port), "--data", join(folder, "other.sqlite")]);
      expect(samePort).toEqual(said(`Port ${port} is in use. Stop what uses it, or choose another: --port ${port + 2}`));
      const sameFile = await cli(["playground", "--port", String(await freePort()), "--data", file]);
      expect(sameFile).toEqual(said(`Another playground has ${file} open. Name another file with --data.`));
    });
    const refused = await cli(["playground", "--port", String(port), "--data", file, "--webhook", "http://127.0.0.1:8080/"]);
    const why = "Webhook URL host '127.0.0.1' is blocked. For this computer, use the name localhost.";
    expect(refused).toEqual(said(`The main app would not call it: ${why}`));
  });

  test("names the place to which a damaged file was moved", async () => {
    writeFileSync(file, "no database");
    await whileRunning([], (output) =>
      expect(output).toContain(
        `${file} is damaged. It was moved to ${file}.damaged-1, and the playground starts with an empty file.`,
      ),
    );
  });
});
