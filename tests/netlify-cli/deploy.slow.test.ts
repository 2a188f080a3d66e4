import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { machineEnvironment } from "../http/servers.ts";
import { freshClone } from "../support/fresh-clone.ts";
import { type NetlifyApi, startNetlifyApi, type Variable } from "../support/netlify-stand-in.ts";
import { npmRun } from "../support/npm-script.ts";
import { commandLinesOnThisComputer, filesIn } from "../support/traces.ts";

const GENERATED_SECRET = /[0-9a-f]{64}/g;

let netlify: NetlifyApi;
let clone: ReturnType<typeof freshClone>;
/** The folder of the programs' temporary files and settings. */
let scratch: string;
beforeEach(async () => {
  netlify = await startNetlifyApi();
  clone = freshClone();
  scratch = mkdtempSync(join(tmpdir(), "replyhook-scratch-"));
});
afterEach(async () => {
  await netlify.stop();
  clone.remove();
  rmSync(scratch, { recursive: true });
});

function start(env: NodeJS.ProcessEnv = {}) {
  const { NETLIFY_SITE_ID: _, ...machine } = machineEnvironment();
  const loopback = { NODE_OPTIONS: `--import=${new URL("loopback.mjs", import.meta.url)}` };
  const ours = { ...netlify.env, ...loopback, TMPDIR: scratch, XDG_CONFIG_HOME: scratch, NO_COLOR: "1" };
  return npmRun(["deploy:netlify"], clone.folder, { ...machine, ...ours, ...env });
}

async function deploy(env?: NodeJS.ProcessEnv) {
  const { exited, lines } = start(env);
  return { code: await exited, printed: lines.join("\n") };
}

const valuesOf = (name: string) => netlify.project.find(({ key }) => key === name)?.values ?? [];
const inProduction = (name: string) => valuesOf(name).find(({ context }) => context === "production")?.value;
const filesWith = (secret: string) => filesIn(scratch).filter((file) => readFileSync(file, "utf8").includes(secret));
const isThere = (value: string): Variable => ({
  ...{ key: "WEBHOOK_SECRET", scopes: ["builds", "functions", "runtime", "post_processing"] },
  values: [{ context: "all", value }],
});

describe("npm run deploy:netlify", { timeout: 300_000 }, () => {
  test("makes a project and a secret the first time, sets the secret before the code, and prints it once; later it stays", async () => {
    netlify.removeProject();
    const first = await deploy();
    const [secret = "none", ...more] = first.printed.match(GENERATED_SECRET) ?? [];
    expect([first.code, more, netlify.events]).toEqual([0, [], ["project created", "variable set", "deployed"]]);
    expect(first.printed).toContain("https://my-hook.netlify.app/stream");
    for (const context of ["production", "deploy-preview", "branch-deploy"])
      expect(valuesOf("WEBHOOK_SECRET")).toContainEqual({ context, value: secret });
    expect(netlify.project).toMatchObject([{ key: "WEBHOOK_SECRET", is_secret: true }]);

    const second = await deploy();
    expect([second.code, netlify.events.slice(3)]).toEqual([0, ["deployed"]]);
    expect(inProduction("WEBHOOK_SECRET")).toBe(secret);
    expect(second.printed).not.toMatch(GENERATED_SECRET);
  });

  test("sets the secrets of .env exactly as they are, from a file that only this user can read, and in no argument", async () => {
    const secrets = {
      WEBHOOK_SECRET: 'se$HOME "c`ret" \\',
      WEBHOOK_SECRET_PREVIOUS: " it's # the old one ",
      WEBHOOK_SECRETS: '{"app 1": ["$HOME of app 1", "\\\\ \\u0061"]}',
    };
    writeFileSync(
      join(clone.folder, ".env"),
      `WEBHOOK_SECRET='${secrets.WEBHOOK_SECRET}'\nWEBHOOK_SECRET_PREVIOUS="${secrets.WEBHOOK_SECRET_PREVIOUS}"\nWEBHOOK_SECRETS='${secrets.WEBHOOK_SECRETS}'\n`,
    );
    const modes: number[] = [];
    let commandLines = "";
    netlify.onVariable(() => {
      modes.push(...filesWith("c`ret").map((file) => statSync(file).mode & 0o777));
      commandLines += commandLinesOnThisComputer();
    });
    const { code, printed } = await deploy({ NETLIFY_SITE_ID: netlify.siteId });
    expect([code, netlify.events]).toEqual([0, ["variable set", "variable set", "variable set", "deployed"]]);
    for (const [name, secret] of Object.entries(secrets)) expect(inProduction(name)).toBe(secret);
    expect(modes).toEqual([0o600]);
    for (const command of ["env:import", "env:set"]) expect(commandLines).toContain(command);
    for (const text of [commandLines, printed]) expect(text).not.toMatch(/c`ret|the old one|of app 1/);
    expect(filesWith("c`ret")).toEqual([]);
  });

  test("WEBHOOK_SECRETS are a secret: with them, given or deployed, none is made", async () => {
    const given = await deploy({ NETLIFY_SITE_ID: netlify.siteId, WEBHOOK_SECRETS: '{"app-1": "of app 1"}' });
    expect([given.code, netlify.events]).toEqual([0, ["variable set", "deployed"]]);
    const deployed = await deploy({ NETLIFY_SITE_ID: netlify.siteId });
    expect([deployed.code, netlify.events.slice(2)]).toEqual([0, ["deployed"]]);
    expect(inProduction("WEBHOOK_SECRETS")).toBe('{"app-1": "of app 1"}');
    expect(given.printed + deployed.printed).not.toMatch(/[0-9a-f]{64}|of app 1/);
  });

  test("does not change a secret that the whole team shares", async () => {
    netlify.team.push(isThere("of the team"));
    const { code, printed } = await deploy({ NETLIFY_SITE_ID: netlify.siteId });
    expect([code, netlify.project, netlify.events]).toEqual([0, [], ["deployed"]]);
    expect(printed).not.toMatch(GENERATED_SECRET);
  });

  test("deploys nothing if Netlify does not say whether there is a secret, and says so", async () => {
    netlify.project.push(isThere("there already"));
    netlify.failWhere((call) => call === "GET /accounts/someone/env");
    const { code, printed } = await deploy({ NETLIFY_SITE_ID: netlify.siteId });
    expect([code, netlify.events]).toEqual([1, []]);
    expect(valuesOf("WEBHOOK_SECRET")).toEqual([{ context: "all", value: "there already" }]);
    expect(printed).toContain("Netlify did not say whether it has a WEBHOOK_SECRET, so nothing was deployed.");
    expect(printed).not.toMatch(/\n +at /);
  });

  test("deploys nothing if Netlify does not take the secret, and says so", async () => {
    netlify.failWhere((call) => call === "POST /accounts/someone/env");
    const { code, printed } = await deploy({ NETLIFY_SITE_ID: netlify.siteId, WEBHOOK_SECRET: "given" });
    expect([code, netlify.events]).toEqual([1, []]);
    expect(printed).toContain("Netlify did not take WEBHOOK_SECRET, so nothing was deployed.");
  });

  test("says where to set a secret that it cannot send", async () => {
    const { code, printed } = await deploy({ NETLIFY_SITE_ID: netlify.siteId, WEBHOOK_SECRET: "both ' and `" });
    expect([code, netlify.events]).toEqual([1, []]);
    expect(printed).toContain("WEBHOOK_SECRET has both ' and ` in it");
  });

  test("says what to do if nobody is logged in", async () => {
    const { code, printed } = await deploy({ NETLIFY_AUTH_TOKEN: "" });
    expect([code, netlify.events]).toEqual([1, []]);
    expect(printed).toMatch(/You are not logged in to Netlify, so nothing was deployed\. Run npx netlify-cli@\S+ login/);
  });

  test("a deploy that fails gives its exit code, leaves no file, and prints a new secret that may be stored", async () => {
    netlify.failWhere((call) => call === `POST /sites/${netlify.siteId}/deploys`);
    const { code, printed } = await deploy({ NETLIFY_SITE_ID: netlify.siteId });
    const secret = inProduction("WEBHOOK_SECRET") ?? "none";
    expect([code, netlify.events]).toEqual([1, ["variable set"]]);
    expect(printed.match(GENERATED_SECRET)).toEqual([secret]);
    expect(printed).toContain(`this new webhook secret may have been stored: ${secret}`);
    expect(filesWith(secret)).toEqual([]);
  });

  test("one Ctrl-C stops everything, and prints a new secret that may be stored", async () => {
    let release = () => {};
    const isDeploying = new Promise<void>((resolve) => {
      netlify.onDeploy(async () => {
        resolve();
        await new Promise<void>((go) => {
          release = go;
        });
      });
    });
    const running = start({ NETLIFY_SITE_ID: netlify.siteId });
    await isDeploying;
    running.signal("SIGINT");
    expect(await running.exited).not.toBe(0);
    const secret = inProduction("WEBHOOK_SECRET") ?? "none";
    expect(running.lines.join("\n")).toContain(`this new webhook secret may have been stored: ${secret}`);
    await expect.poll(commandLinesOnThisComputer).not.toContain("deploy --prod");
    release();
  });
});
