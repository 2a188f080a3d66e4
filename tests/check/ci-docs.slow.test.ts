import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { freePort } from "../../local/dev/port.ts";
import { freshClone } from "../support/fresh-clone.ts";
import { asStranger, type Ended } from "../support/stranger.ts";

const PORT_OF_DOCS = /\b8080\b/g;
const CORRECT = readFileSync("examples/webhook-python/server.py", "utf8");
const BROKEN = CORRECT.replace("hmac.compare_digest(", "(lambda *_: True)(");

const docs = readFileSync("docs/ci.md", "utf8");
const blocks = (language: string) =>
  [...docs.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, "gms"))].map(([, text = ""]) => text);
const [githubYaml = "", gitlabYaml = "", ...otherYaml] = blocks("yaml");
const [packing = "", checking = "", saving = "", comparing = "", ...otherCommands] = blocks("sh").map((text) => text.trim());

interface Job {
  readonly env: Record<string, string>;
  /** Each runs in a shell of its own, if the one before it succeeded. */
  readonly scripts: readonly string[];
  readonly kept: readonly string[];
}

function githubJob(): Job {
  const { env, steps } = parse(githubYaml).jobs.check;
  const upload = steps.find(({ uses }: { uses?: string }) => uses?.startsWith("actions/upload-artifact@"));
  expect(upload.if).toBe("always()");
  return {
    env,
    scripts: steps.flatMap(({ run }: { run?: string }) => run ?? []),
    kept: upload.with.path.trim().split("\n"),
  };
}

function gitlabJob(): Job {
  const { variables, script, artifacts } = parse(gitlabYaml)["check-webhook"];
  expect(artifacts.when).toBe("always");
  return { env: variables, scripts: [script.join("\n")], kept: [...artifacts.paths, artifacts.reports.junit] };
}

const home = mkdtempSync(join(tmpdir(), "replyhook-home-"));
const folder = mkdtempSync(join(tmpdir(), "replyhook-ci-"));
afterAll(() => {
  for (const made of [home, folder]) rmSync(made, { recursive: true });
});

/** Runs the scripts in a checkout with this webhook. */
async function run(scripts: readonly string[], webhook: string, env: Record<string, string>): Promise<Ended> {
  writeFileSync(join(folder, "server.py"), webhook);
  const port = String(await freePort());
  const files = scripts.map((script, index) => {
    writeFileSync(join(folder, `step-${index}.sh`), script.replace(PORT_OF_DOCS, port));
    return `bash -e -o pipefail step-${index}.sh`;
  });
  return asStranger(files.join(" && "), folder, home, { ...env, PORT: port });
}

beforeAll(async () => {
  const clone = freshClone();
  // What `npm ci` does is done.
  const { code } = await asStranger(packing.replace("npm ci && ", ""), clone.folder, home);
  expect(code).toBe(0);
  const [name = ""] = /replyhook-\S+\.tgz/.exec(docs) ?? [];
  mkdirSync(join(folder, "tools"));
  copyFileSync(join(clone.folder, name), join(folder, "tools", name));
  clone.remove();
}, 60_000);

describe.each([
  ["GitHub Actions", githubJob],
  ["GitLab CI", gitlabJob],
])("the job for %s", (_, jobOf) => {
  beforeEach(() => {
    for (const file of jobOf().kept) rmSync(join(folder, file), { force: true });
  });

  test("passes for a correct webhook, and leaves the report", async () => {
    const { env, scripts, kept } = jobOf();
    const { code, out } = await run(scripts, CORRECT, env);
    expect(out).toMatch(/^PASS \d+ passed/m);
    expect(code).toBe(0);
    expect(kept).toContain("check.xml");
    for (const file of kept) expect(readFileSync(join(folder, file), "utf8")).not.toBe("");
    expect(readFileSync(join(folder, "check.xml"), "utf8")).toMatch(/^<testsuites .* failures="0"/m);
  });

  test("fails for a broken webhook, and leaves the report", async () => {
    const { env, scripts } = jobOf();
    expect((await run(scripts, BROKEN, env)).code).toBe(1);
    expect(readFileSync(join(folder, "check.xml"), "utf8")).toMatch(/<testcase .*S04 .*><failure /);
  });

  test("fails if the webhook does not start", async () => {
    const { env, scripts } = jobOf();
    const { code } = await run(
      scripts.map((script) => script.replace("--retry 30", "--retry 1")),
      "raise SystemExit(1)",
      env,
    );
    expect(code).toBeGreaterThan(0);
  });
});

test("a known failure does not fail the job, a new one does, and one that passes now is named", async () => {
  const { env, scripts } = githubJob();
  const [starting = ""] = scripts;
  expect((await run([starting, saving], BROKEN, env)).code).toBe(1);
  expect((await run([starting, comparing], BROKEN, env)).code).toBe(0);
  const { code, out } = await run([starting, comparing], CORRECT, env);
  expect([code, out]).toEqual([0, expect.stringMatching(/^Not failing any more: .*S04/m)]);
  const worse = BROKEN.replace("<= 300", "<= 1e9");
  expect((await run([starting, comparing], worse, env)).code).toBe(1);
});

test("the first command of the page is that of the jobs, and no other block is left out", () => {
  for (const { scripts } of [githubJob(), gitlabJob()]) expect(scripts.join("\n").replace(/\s+/g, " ")).toContain(checking);
  expect([...otherYaml, ...otherCommands]).toEqual([]);
});
