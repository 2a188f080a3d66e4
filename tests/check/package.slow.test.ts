import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { start } from "../python/start.ts";
import { freshClone } from "../support/fresh-clone.ts";
import { asStranger, type Ended } from "../support/stranger.ts";
import { SECRET } from "./broken/base.ts";

const { version, bin } = JSON.parse(readFileSync("package.json", "utf8"));
const TARBALL = `replyhook-${version}.tgz`;
const MOST_PACKED = 200_000;
const MOST_UNPACKED = 700_000;

const home = mkdtempSync(join(tmpdir(), "replyhook-home-"));
const partner = mkdtempSync(join(tmpdir(), "replyhook-partner-"));
const tarball = join(partner, "tools", TARBALL);
const installed = join(partner, "node_modules/replyhook");
afterAll(() => {
  for (const folder of [home, partner]) rmSync(folder, { recursive: true });
});

const clone = freshClone();
const inClone = (command: string) => asStranger(command, clone.folder, home);
const atPartner = (command: string) => asStranger(command, partner, home);
afterAll(() => clone.remove());

let install: Ended;
beforeAll(async () => {
  mkdirSync(join(partner, "tools"));
  expect(await inClone(`npm pack --pack-destination ${join(partner, "tools")}`)).toMatchObject({ code: 0 });
  install = await atPartner(`npm install ./tools/${TARBALL}`);
}, 60_000);

describe("the package", () => {
  test("is installed alone, without a registry", () => {
    const { code, out, err } = install;
    expect(out + err).toMatch(/^added 1 package\b/m);
    expect(code).toBe(0);
    expect(readdirSync(join(partner, "node_modules")).filter((name) => !name.startsWith("."))).toEqual(["replyhook"]);
    expect(readdirSync(join(partner, "node_modules/.bin"))).toEqual(["replyhook"]);
  });

  test("holds the command, its documents and the licences, and is small", () => {
    const files = globSync("**/*", { cwd: installed }).filter((file) => statSync(join(installed, file)).isFile());
    expect(files.sort()).toEqual([
      "LICENSE",
      "README.md",
      bin.replyhook,
      expect.stringMatching(/^dist\/chunk-\w+\.mjs$/),
      "dist/cli.mjs",
      // What only the playground loads.
      expect.stringMatching(/^dist\/run-\w+\.mjs$/),
      "docs/check.md",
      "docs/ci.md",
      "package.json",
    ]);
    const unpacked = files.reduce((sum, file) => sum + statSync(join(installed, file)).size, 0);
    console.log(`${TARBALL}: ${statSync(tarball).size} bytes, ${unpacked} unpacked`);
    expect(statSync(tarball).size).toBeLessThan(MOST_PACKED);
    expect(unpacked).toBeLessThan(MOST_UNPACKED);
  });

  test("has the licence of each library in it", () => {
    const bundle = readFileSync(join(installed, "dist/cli.mjs"), "utf8");
    for (const library of ["commander", "hono"])
      expect(bundle).toContain(
        `\n${readFileSync(`node_modules/${library}/LICENSE`, "utf8").trim().replace(/^/gm, "// ").replace(/ +$/gm, "")}\n`,
      );
  });

  test("never tells a reader to run npx with the name alone, which would download it from a stranger", () => {
    for (const file of globSync(join(installed, "dist/*"))) expect(readFileSync(file, "utf8")).not.toContain("npx replyhook");
  });

  test("has the commands, with their help, on the Node of this computer", async () => {
    expect(await atPartner("npx replyhook --version")).toEqual({ code: 0, out: `${version}\n`, err: "" });
    for (const command of ["check", "send", "sign", "explain", "playground"]) {
      const { code, out } = await atPartner(`npx replyhook ${command} --help`);
      expect([code, out]).toEqual([0, expect.stringContaining(`Usage: replyhook ${command} [options]`)]);
    }
  });

  test("checks a webhook without an install: exit code 0 for the Python webhook", async () => {
    const { port } = await start({ WEBHOOK_SECRET: SECRET });
    const url = `http://localhost:${port}`;
    const { code, out } = await atPartner(
      `WEBHOOK_SECRET=${SECRET} npx --yes ./tools/${TARBALL} check ${url}/ --stream ${url}/stream`,
    );
    expect(out).toMatch(/^PASS \d+ passed/m);
    expect(code).toBe(0);
  });

  test("checks a webhook without an install: exit code 1 if it accepts every signature", async () => {
    const { port } = await start({ WEBHOOK_SECRET: SECRET }, "server.hmac.compare_digest = lambda *_: True");
    const { code, out } = await atPartner(
      `npx --yes ./tools/${TARBALL} check http://localhost:${port}/ --secret ${SECRET} --only S`,
    );
    expect(out).toMatch(/^ +✗ .*S04/m);
    expect(code).toBe(1);
  });

  test("passes the tests of the command, on the Node of this computer", { timeout: 400_000 }, async () => {
    const { out: node } = await atPartner("command -v node");
    const files = ["command-", "listen", "report", "https", "evil-"].map((name) => `tests/check/${name}`);
    expect(passedTests("check", node.trim(), files)).toBeGreaterThan(100);
  });

  test("passes the tests of the playground's command, on a Node that is new enough", { timeout: 60_000 }, () => {
    expect(passedTests("node", process.execPath, ["tests/playground/command"])).toBeGreaterThan(5);
  });

  test("says in one sentence which Node the playground needs", async () => {
    const { out: version } = await atPartner("node --version");
    // Nothing to see on a computer whose own Node is new enough.
    if (/^v(?:2[4-9]|[3-9]\d)/.test(version)) return;
    expect(await atPartner("npx replyhook playground")).toEqual({
      code: 2,
      out: "",
      err: `The playground needs Node 24 or newer, and this is ${version.trim()}.\n`,
    });
  });
});

/** Runs tests of the command with the installed one, on this Node. Returns how many passed; none may fail. */
function passedTests(project: string, node: string, files: readonly string[]): number {
  const results = join(home, "results.json");
  const vitest = [
    "node_modules/vitest/vitest.mjs",
    "run",
    `--project=${project}`,
    "--reporter=json",
    `--outputFile=${results}`,
  ];
  spawnSync(process.execPath, [...vitest, ...files], {
    env: { ...process.env, REPLYHOOK_NODE: node, REPLYHOOK_PROGRAM: join(installed, bin.replyhook) },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const { testResults, numPassedTests } = JSON.parse(readFileSync(results, "utf8"));
  const tests = testResults.flatMap(({ assertionResults }: { assertionResults: object[] }) => assertionResults);
  expect(tests.filter(({ status }: { status: string }) => status === "failed")).toEqual([]);
  return numPassedTests;
}

describe("in a clone, npx replyhook", () => {
  test("runs right after npm ci, without a registry", async () => {
    expect(await inClone("npx replyhook --version")).toEqual({ code: 0, out: `${version}\n`, err: "" });
  });

  test("runs the sources, so that an edit shows at once, whatever was built", async () => {
    mkdirSync(join(clone.folder, "dist"), { recursive: true });
    writeFileSync(join(clone.folder, "dist/cli.mjs"), 'console.log("an old build");');
    appendFileSync(join(clone.folder, "local/cli.ts"), 'console.log("edited");\n');
    expect(await inClone("npx replyhook --version")).toEqual({ code: 0, out: `${version}\nedited\n`, err: "" });
  });

  test("passes on arguments, stdin and the exit code, also on a Node that knows no TypeScript", async () => {
    for (const command of ["npx replyhook", `node ${bin.replyhook}`]) {
      const { code, out } = await inClone(`printf '{}' | ${command} sign - --secret 'a "b" $c' --timestamp 1`);
      expect([code, out]).toEqual([0, expect.stringMatching(/^X-Timestamp: 1\nX-Signature: sha256=[0-9a-f]{64}\n/)]);
      expect((await inClone(`${command} check http://localhost:1/`)).code).toBe(4);
    }
  });

  test("says what to do before npm ci", async () => {
    rmSync(join(clone.folder, "node_modules"));
    const { code, err } = await inClone("npx replyhook --version");
    expect([code, err]).toEqual([2, 'The libraries of this clone are not installed: run "npm ci" in it, and start again.\n']);
  });
});
