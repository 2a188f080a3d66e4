import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { unstable_readConfig } from "wrangler";
import { newLocalSecret } from "../../local/deploy/secrets.ts";
import { machineEnvironment } from "../http/servers.ts";
import { type Cloudflare, startCloudflare } from "../support/cloudflare-stand-in.ts";
import { freshClone } from "../support/fresh-clone.ts";
import { npmRun } from "../support/npm-script.ts";
import { commandLinesOnThisComputer, filesIn } from "../support/traces.ts";

const { name: NAME = "" } = unstable_readConfig({ config: "wrangler.toml" });
const GENERATED_SECRET = /[0-9a-f]{64}/g;
const WEBHOOK_SECRETS = '{"app 1": ["$HOME of app 1", "\\\\"]}';

let cloudflare: Cloudflare;
let clone: ReturnType<typeof freshClone>;
/** The folder of the programs' temporary files and logs. */
let scratch: string;
beforeEach(async () => {
  cloudflare = await startCloudflare();
  clone = freshClone();
  scratch = mkdtempSync(join(tmpdir(), "replyhook-scratch-"));
});
afterEach(async () => {
  await cloudflare.stop();
  clone.remove();
  rmSync(scratch, { recursive: true });
});

function start(args: string[] = [], env: NodeJS.ProcessEnv = {}) {
  const { WRANGLER_OUTPUT_FILE_PATH: _, ...machine } = machineEnvironment();
  const ours = { TMPDIR: scratch, XDG_CONFIG_HOME: scratch, NO_COLOR: "1", WRANGLER_SEND_METRICS: "false" };
  return npmRun(["deploy:worker", ...(args.length > 0 ? ["--", ...args] : [])], clone.folder, {
    ...machine,
    ...cloudflare.env,
    ...ours,
    ...env,
  });
}

async function deploy(args?: string[], env?: NodeJS.ProcessEnv) {
  const { exited, lines } = start(args, env);
  return { code: await exited, printed: lines.join("\n"), lines };
}

const secretsOf = (worker: string) => Object.fromEntries(cloudflare.workers.get(worker) ?? []);
const filesWith = (secret: string) => filesIn(scratch).filter((file) => readFileSync(file, "utf8").includes(secret));

describe("npm run deploy:worker", () => {
  test("makes a secret the first time, sends it with the code, and prints it once with what to paste where", async () => {
    const { code, printed } = await deploy();
    const { WEBHOOK_SECRET = "none", ...more } = secretsOf(NAME);
    expect([code, more]).toEqual([0, {}]);
    expect(printed.match(GENERATED_SECRET)).toEqual([WEBHOOK_SECRET]);
    expect(printed).toContain(`https://${NAME}.someone.workers.dev/stream`);
  });

  test("does not change the secret the next time, and prints none", async () => {
    await deploy();
    const before = secretsOf(NAME);
    const { code, printed } = await deploy();
    expect([code, secretsOf(NAME)]).toEqual([0, before]);
    expect(before.WEBHOOK_SECRET).toMatch(GENERATED_SECRET);
    expect(printed).not.toMatch(GENERATED_SECRET);
    expect(printed).toContain(`https://${NAME}.someone.workers.dev/stream`);
  });

  test("sends the secrets of .env exactly as they are, and prints none", async () => {
    const secrets = { WEBHOOK_SECRET: 'se$HOME "cret" \\n', WEBHOOK_SECRET_PREVIOUS: "before", WEBHOOK_SECRETS };
    writeFileSync(
      join(clone.folder, ".env"),
      Object.entries(secrets)
        .map(([name, secret]) => `${name}='${secret}'\n`)
        .join(""),
    );
    const { code, printed } = await deploy();
    expect(code).toBe(0);
    expect(secretsOf(NAME)).toEqual(secrets);
    expect(printed).toContain(
      "of each App its own, in the WEBHOOK_SECRETS that you gave; of other Apps the WEBHOOK_SECRET that",
    );
    expect(printed).not.toMatch(/se\$|"cret"|before|of app 1/);
    expect(printed).not.toMatch(GENERATED_SECRET);
  });

  test("WEBHOOK_SECRETS are a secret: with them, given or deployed, none is made", async () => {
    const given = await deploy([], { WEBHOOK_SECRETS });
    expect([given.code, secretsOf(NAME)]).toEqual([0, { WEBHOOK_SECRETS }]);
    expect(given.printed).toContain("  Webhook secret  of each App its own, in the WEBHOOK_SECRETS that you gave");
    const deployed = await deploy();
    expect([deployed.code, secretsOf(NAME)]).toEqual([0, { WEBHOOK_SECRETS }]);
    expect(deployed.printed).toContain("the same as before");
    expect(given.printed + deployed.printed).not.toMatch(/[0-9a-f]{64}|of app 1/);
  });

  test("deploys nothing if WEBHOOK_SECRETS cannot be read, because the webhook would refuse every message", async () => {
    cloudflare.onUpload(() => {
      throw new Error("it was deployed");
    });
    const { code, printed } = await deploy([], { WEBHOOK_SECRETS: '{"app 1": "of app 1"' });
    expect([code, secretsOf(NAME)]).toEqual([2, {}]);
    expect(printed).toMatch(/^WEBHOOK_SECRETS cannot be read, .* It must be JSON/m);
    expect(printed).not.toMatch(/of app 1|\n +at /);
  });

  test("does not deploy the secret that npm run dev made: the deployment keeps its own", async () => {
    await deploy();
    const before = secretsOf(NAME);
    writeFileSync(join(clone.folder, ".env"), `WEBHOOK_SECRET=${newLocalSecret()}\n`);
    const { code, printed } = await deploy();
    expect([code, secretsOf(NAME)]).toEqual([0, before]);
    expect(printed).toContain("that npm run dev made is only for this computer: it is not deployed.");
    expect(printed).toContain("the same as before");
    expect(printed).not.toMatch(GENERATED_SECRET);
  });

  test("a secret of the shell wins over that of .env, and a secret that is not given stays", async () => {
    writeFileSync(join(clone.folder, ".env"), "WEBHOOK_SECRET=of the file\n");
    await deploy([], { WEBHOOK_SECRET: "of the shell" });
    writeFileSync(join(clone.folder, ".env"), "WEBHOOK_SECRET_PREVIOUS=the old one\n");
    await deploy();
    expect(secretsOf(NAME)).toEqual({ WEBHOOK_SECRET: "of the shell", WEBHOOK_SECRET_PREVIOUS: "the old one" });
  });

  test("asks about the Worker that the arguments name", async () => {
    cloudflare.workers.set("other", new Map([["WEBHOOK_SECRET", "of the other"]]));
    const { code, printed } = await deploy(["--name", "other"]);
    expect([code, secretsOf("other"), secretsOf(NAME)]).toEqual([0, { WEBHOOK_SECRET: "of the other" }, {}]);
    expect(printed).not.toMatch(GENERATED_SECRET);
  });

  test("the secret is in no argument of a process, and in one file that only this user can read, while it is sent", async () => {
    let seen: { commandLines: string; modes: number[] } | undefined;
    cloudflare.onUpload(() => {
      const modes = filesWith("a secret to look for").map((file) => statSync(file).mode & 0o777);
      seen = { commandLines: commandLinesOnThisComputer(), modes };
    });
    await deploy([], { WEBHOOK_SECRET: "a secret to look for" });
    expect(seen?.commandLines).toContain("--secrets-file");
    expect(seen?.commandLines).not.toContain("a secret to look for");
    expect(seen?.modes).toEqual([0o600]);
    expect(filesWith("a secret to look for")).toEqual([]);
    expect(readdirSync(scratch).filter((name) => name.startsWith("replyhook-deploy-"))).toEqual([]);
  });

  test("a deploy that fails gives its exit code, leaves no file, and prints a new secret that may be stored", async () => {
    cloudflare.failWhere((path) => path.endsWith("/subdomain"));
    const { code, printed } = await deploy();
    expect(code).toBe(1);
    const [secret = "none", ...more] = printed.match(GENERATED_SECRET) ?? [];
    expect(more).toEqual([]);
    expect(printed).toContain(`this new webhook secret may have been stored: ${secret}`);
    expect(filesWith(secret)).toEqual([]);
  });

  test("one Ctrl-C stops everything, leaves no file, and prints a new secret that may be stored", async () => {
    let stop = () => {};
    const isUploading = new Promise<void>((resolve) => {
      cloudflare.onUpload(async () => {
        resolve();
        await new Promise<void>((release) => {
          stop = release;
        });
      });
    });
    const running = start();
    await isUploading;
    running.signal("SIGINT");
    expect(await running.exited).not.toBe(0);
    const [secret = "none"] = running.lines.join("\n").match(GENERATED_SECRET) ?? [];
    expect(running.lines.join("\n")).toContain(`this new webhook secret may have been stored: ${secret}`);
    expect(filesWith(secret)).toEqual([]);
    await expect.poll(commandLinesOnThisComputer).not.toContain(scratch);
    stop();
  });

  test("deploys nothing if Cloudflare does not say whether there is a secret, and says what to do", async () => {
    cloudflare.workers.set(NAME, new Map([["WEBHOOK_SECRET", "there already"]]));
    cloudflare.failWhere((path) => path.endsWith("/secrets"));
    cloudflare.onUpload(() => {
      throw new Error("it was deployed");
    });
    const { code, lines, printed } = await deploy();
    expect(code).toBe(1);
    expect(lines).toContain(
      "Cloudflare did not say whether the Worker has a WEBHOOK_SECRET, so nothing was deployed. Deploy again, or set WEBHOOK_SECRET in .env. It said:",
    );
    expect(printed).not.toMatch(GENERATED_SECRET);
    expect(secretsOf(NAME)).toEqual({ WEBHOOK_SECRET: "there already" });
  });

  test("-- --dry-run needs no account, makes and sends nothing, and prints the size", async () => {
    const nowhere = { CLOUDFLARE_API_TOKEN: "", CLOUDFLARE_ACCOUNT_ID: "", CLOUDFLARE_API_BASE_URL: "http://127.0.0.1:1" };
    const { code, printed } = await deploy(["--dry-run"], nowhere);
    expect(code).toBe(0);
    expect(printed).toMatch(/gzip: [\d.]+ KiB/);
    expect(printed).not.toMatch(GENERATED_SECRET);
    expect(printed).not.toContain("Paste into");
  });
});
