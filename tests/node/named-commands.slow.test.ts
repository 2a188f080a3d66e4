import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NETLIFY_CLI } from "../../local/dev/targets.ts";
import { commandsIn, namedCommands, trackedFiles } from "../support/named-commands.ts";
import { NETLIFY_COMMANDS } from "../support/netlify-commands.ts";

const { scripts, bin, version } = JSON.parse(readFileSync("package.json", "utf8"));
const PROJECTS = [...readFileSync("vitest.config.ts", "utf8").matchAll(/name: "([a-z-]+)"/g)].map(([, name]) => name);
const NPM_OPTIONS = ["--silent", "-s"];
const isOption = (word: string) => /^--?[a-z]/i.test(word);

/** A port in use: a script that does not know --help, and would start a server, ends at once. */
const occupied = createServer();
beforeAll(() => new Promise<void>((resolve) => occupied.listen(0, "127.0.0.1", resolve)));
afterAll(() => occupied.close());

const helps = new Map<string, Promise<string>>();
/** What a program prints for --help. A program is started once, whoever asks. */
function helpOf(...program: readonly string[]): Promise<string> {
  const key = program.join(" ");
  const help = helps.get(key) ?? printed([...program, "--help"]);
  helps.set(key, help);
  return help;
}

async function printed(args: readonly string[]): Promise<string> {
  const { port } = occupied.address() as AddressInfo;
  const env = { ...process.env, PORT: String(port), NO_COLOR: "1", WRANGLER_SEND_METRICS: "false" };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { env }).catch((error) => error);
  return stdout + stderr;
}

async function unknownOption(words: readonly string[], help: string | Promise<string>): Promise<string | undefined> {
  const known = (await help).split(/[\s,=[\]]+/);
  const unknown = words.find((word) => isOption(word) && !known.includes(word.replace(/=.*/, "")));
  return unknown && `there is no option ${unknown}`;
}

/** Why a reader who types this command gets nothing useful. Undefined if the command exists as written. */
async function problemOf([tool, ...words]: readonly string[]): Promise<string | undefined> {
  if (tool === "npm") return npmProblem(words);
  if (tool === "npx") return npxProblem(words.filter((word) => !["--yes", "-y"].includes(word)));
  if (tool === "wrangler") return wranglerProblem(words);
  if (tool === "netlify") return netlifyProblem(words);
  if (tool === "replyhook") return bareReplyhookProblem(words);
  return fileProblem(words);
}

async function npmProblem([verb, ...words]: readonly string[]): Promise<string | undefined> {
  if (verb !== "run") return verb === "ci" || scripts[verb ?? ""] ? undefined : `there is no script ${verb}`;
  const end = words.includes("--") ? words.indexOf("--") : words.length;
  const [name = "", ...rest] = words.slice(0, end).filter((word) => !NPM_OPTIONS.includes(word));
  // dev:*, dev:NAME and dev:${name} stand for each script that begins so.
  const [, start] = /^(.*:)(?:\*|NAME|\$\{\w+\})$/.exec(name) ?? [];
  if (start)
    return Object.keys(scripts).some((script) => script.startsWith(start)) ? undefined : `no script begins with ${start}`;
  const command: string | undefined = scripts[name];
  if (!command) return `there is no script ${name}`;
  const lost = rest.find(isOption);
  if (lost) return `npm takes ${lost} for itself: -- must stand before it`;
  const options = words.slice(end + 1);
  if (!options.some(isOption)) return undefined;
  if (name === "deploy:netlify") return netlifyProblem(["deploy", ...options]);
  const [program, ...args] = command.split(" ");
  if (program === "vitest") return vitestProblem(options);
  return program === "node" ? unknownOption(options, helpOf(...args)) : `${name} takes no options`;
}

async function npxProblem([tool = "", ...words]: readonly string[]): Promise<string | undefined> {
  if (tool === "wrangler") return wranglerProblem(words);
  if (tool === "vitest") return vitestProblem(words);
  if (tool === "replyhook") return replyhookProblem(words);
  if (tool.endsWith(".tgz"))
    return [version, "$" + "{version}"].some((named) => tool.endsWith(`/replyhook-${named}.tgz`))
      ? replyhookProblem(words)
      : `npm pack does not write ${tool}`;
  if (tool.startsWith("netlify-cli")) return tool === NETLIFY_CLI ? netlifyProblem(words) : `the CLI in use is ${NETLIFY_CLI}`;
  return existsSync(`node_modules/.bin/${tool}`) ? undefined : `npm ci does not install ${tool}`;
}

async function vitestProblem(words: readonly string[]): Promise<string | undefined> {
  const project = words[words.indexOf("--project") + 1];
  if (words.includes("--project") && !PROJECTS.includes(project)) return `there is no project ${project}`;
  const file = words.find((word) => word.includes("/") && !existsSync(word));
  return file ? `there is no ${file}` : unknownOption(words, helpOf("node_modules/vitest/vitest.mjs"));
}

async function wranglerProblem(words: readonly string[]): Promise<string | undefined> {
  const end = words.findIndex((word) => !/^[a-z][a-z-]*$/.test(word));
  const named = end === -1 ? words : words.slice(0, end);
  const help = await helpOf("node_modules/wrangler/bin/wrangler.js", ...named);
  // The usage, such as `wrangler secret put <key>`, ends with the last command that wrangler understood.
  const [, usage = ""] = /^wrangler(.*)$/m.exec(help) ?? [];
  const parts = usage.split(" ").filter(Boolean);
  const understood = parts.filter((part) => !/^[<[]/.test(part));
  const notUnderstood = named.length - understood.length - (parts.length - understood.length);
  if (understood.length === 0 || notUnderstood > 0) return `there is no command ${named.join(" ")}`;
  return unknownOption(words, help);
}

function netlifyProblem([name = "", ...words]: readonly string[]): Promise<string | undefined> | string {
  const options = NETLIFY_COMMANDS[name];
  return options ? unknownOption(words, options.join(" ")) : `tests/support/netlify-commands.ts does not have ${name}`;
}

/** Nothing puts `replyhook` on the PATH, but a report has it in its title. */
function bareReplyhookProblem([name = "", ...words]: readonly string[]): string | undefined {
  const isTitleOfReport = name === "check" && words.length === 1 && /^(?:https?:|\$\{)/.test(words[0] ?? "");
  return isTitleOfReport ? undefined : `no program has this name: npx replyhook ${name}`;
}

async function replyhookProblem([name = "", ...words]: readonly string[]): Promise<string | undefined> {
  if (name === "" || isOption(name)) return unknownOption([name], helpOf(bin.replyhook));
  const known = [...(await helpOf(bin.replyhook)).matchAll(/^ {2}([a-z]+) /gm)].map(([, command]) => command);
  return known.includes(name) ? unknownOption(words, helpOf(bin.replyhook, name)) : `replyhook has no command ${name}`;
}

async function fileProblem([file = "", ...words]: readonly string[]): Promise<string | undefined> {
  const found = trackedFiles.find((tracked) => `/${tracked}`.endsWith(`/${file}`));
  if (!found) return `there is no file ${file}`;
  return words.some(isOption) ? unknownOption(words, helpOf(found)) : undefined;
}

test("every command that a document, a message or a comment names exists as it is written", async () => {
  const named = namedCommands();
  const problems = await Promise.all(
    named.map(async ({ file, words }) => {
      const problem = await problemOf(words);
      return problem && `${file}: ${words.join(" ")}: ${problem}`;
    }),
  );
  expect(problems.filter(Boolean)).toEqual([]);
  // A pattern that finds nothing would find no mistake either.
  const files = new Set(named.map(({ file }) => file));
  for (const file of ["README.md", "package.json", "shared/secrets.ts", "local/check/preflight.ts", "local/commands/check.ts"])
    expect(files).toContain(file);
}, 60_000);

test.each([
  ["Run `npm run chek -- URL`.", "there is no script chek"],
  ["`npm run devs:*` reads it", "no script begins with devs:"],
  ["`npm run check --json`", "npm takes --json for itself: -- must stand before it"],
  ["npm run check -- http://localhost:8081/ \\\n  --sekret S", "there is no option --sekret"],
  ["npm run bench -- --strange", "there is no option --strange"],
  ["npm run deploy:worker -- --dry", "there is no option --dry"],
  ["npm run dev -- --fast", "there is no option --fast"],
  ["npm run lint -- --fix", "lint takes no options"],
  ["it is refused: replyhook explain --help", "no program has this name: npx replyhook explain"],
  ["Run `npx replyhook chek URL`.", "replyhook has no command chek"],
  ["npx replyhook check http://localhost:8081/ \\\n  --sekret S", "there is no option --sekret"],
  ["`npx replyhook --versions`", "there is no option --versions"],
  [`npx --yes ./tools/replyhook-${version}.tgz send --jnit a.xml`, "there is no option --jnit"],
  ["npx --yes ./tools/replyhook-0.0.9.tgz check URL", "npm pack does not write ./tools/replyhook-0.0.9.tgz"],
  ["`npx wrangler secret remove NAME`", "there is no command secret remove"],
  ["`npx wrangler tail\n--serch ID`", "there is no option --serch"],
  ["Plain `wrangler develop` is", "there is no command develop"],
  ["npx netlify-cli@1.0.0 login", `the CLI in use is ${NETLIFY_CLI}`],
  ["`npx $" + "{NETLIFY_CLI} logs:function webhook`", "tests/support/netlify-commands.ts does not have logs:function"],
  ["npx netlify-cli@27.10.2 logs --from 1h", "there is no option --from"],
  ["npx vitest run --project nodes", "there is no project nodes"],
  ["npx vitest run tests/none.test.ts", "there is no tests/none.test.ts"],
  ["npx jest", "npm ci does not install jest"],
  ["then `node local/deploy.ts worker`", "there is no file local/deploy.ts"],
  ["node local/cli.ts --halp", "there is no option --halp"],
  ["python serve.py", "there is no file serve.py"],
])("%o is reported", async (text, problem) => {
  expect(await Promise.all(commandsIn(text).map(problemOf))).toEqual([problem]);
});
