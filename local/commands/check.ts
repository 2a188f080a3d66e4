import { writeFileSync } from "node:fs";
import { type Command, Option } from "commander";
import { baselineIn, withBaseline } from "../check/baseline.ts";
import { allChecks, type RegisteredCheck, selectChecks } from "../check/checks/all.ts";
import { type MessageResult, readConversation, runConversation } from "../check/conversation.ts";
import { briefReport } from "../check/reports/brief.ts";
import { differences, textDifferences } from "../check/reports/differences.ts";
import { jsonList, jsonObstacle, jsonReport } from "../check/reports/json.ts";
import { junitReport } from "../check/reports/junit.ts";
import { exitCodeOf } from "../check/reports/summary.ts";
import { verboseReport } from "../check/reports/verbose.ts";
import { LONGEST_RUN_MS, maxRequests, type Report, runChecks } from "../check/runner.ts";
import type { CheckedWebhook } from "../check/webhook.ts";
import { EXIT } from "../exit-codes.ts";
import { paintFor, progressLine, visibleJson } from "../terminal.ts";
import { milliseconds, nonEmpty, secretOption, webhookUrl } from "./arguments.ts";
import { fileText } from "./input.ts";

const EXAMPLES = `
Examples:
  npx replyhook check http://localhost:8081/
  npx replyhook check http://localhost:8081/ --secret "$WEBHOOK_SECRET" --stream http://localhost:8081/stream
  npx replyhook check http://localhost:8080/ --only S,T05
  npx replyhook check https://staging.example.com/ --junit report.xml
  npx replyhook check http://localhost:8081/ --compare https://staging.example.com/
  npx replyhook check http://localhost:8081/ --conversation conversation.json
  npx replyhook check --list

Exit codes: 0 passed, 1 a check failed, 2 usage, 3 the signature was refused (wrong secret?), 4 unreachable or silent.
A SHOULD only warns. Requests go only to the hosts that you name; redirects are not followed.
`;

const DEFAULT_TIMEOUT_MS = 10_000;

interface Options {
  secret?: string;
  stream?: URL;
  only?: string;
  skip?: string;
  list?: boolean;
  verbose?: boolean;
  json?: boolean;
  baseline?: string;
  junit?: string;
  timeout: number;
  compare?: URL;
  conversation?: string;
}

export function addCheck(program: Command): void {
  program
    .command("check")
    .summary("test a webhook for everything that the main app relies on")
    .description(
      "Tests a webhook, in any language, for everything that the main app relies on, and says how to fix each fault.",
    )
    .argument("[url]", "the webhook's URL that answers JSON", webhookUrl)
    .addOption(secretOption())
    .option("--stream <url>", "the URL that streams; checked too", webhookUrl)
    .option("--only <ids>", "only these checks or groups, such as S,T05")
    .option("--skip <ids>", "all but these checks or groups, such as H09,L")
    .option("--list", "list the checks and send nothing")
    .option("--verbose", "print each problem with its request, its answer, and commands that send it again")
    .option("--json", "print the results as JSON")
    .option("--junit <file>", "also write the results as JUnit XML")
    .option("--baseline <file>", "an earlier --json report: what failed there does not fail this run")
    .addOption(
      new Option("--timeout <ms>", "longest silence to wait through").argParser(milliseconds).default(DEFAULT_TIMEOUT_MS),
    )
    .addOption(
      new Option("--compare <url>", "check this webhook too, and show only where the two differ")
        .argParser(webhookUrl)
        .conflicts(["baseline", "junit", "verbose"]),
    )
    .addOption(
      new Option("--conversation <file>", "have this conversation again, in place of the checks").conflicts([
        ...["only", "skip", "list", "verbose", "junit", "baseline", "compare"],
      ]),
    )
    .addHelpText("after", EXAMPLES)
    .action(async (url: URL | undefined, options: Options, command: Command) => {
      const checks = chosen(options, command);
      if (options.list) process.stdout.write(options.json ? visibleJson(jsonList(checks)) : listText(checks));
      else if (!url) command.error("error: missing argument 'url', such as http://localhost:8081/", { exitCode: EXIT.usage });
      else if (options.conversation !== undefined) process.exitCode = await converse(url, options.conversation, options);
      else if (options.compare) process.exitCode = await compare(url, options.compare, checks, options);
      else process.exitCode = await check(url, checks, options);
    });
}

function chosen({ only, skip }: Options, command: Command): readonly RegisteredCheck[] {
  const select = (list: string) => {
    const found = selectChecks(list);
    if ("unknown" in found)
      return command.error(`error: no check is called '${found.unknown}'; --list shows them`, { exitCode: EXIT.usage });
    return found;
  };
  const wanted = only === undefined ? allChecks : select(only);
  const unwanted = skip === undefined ? [] : select(skip);
  const left = wanted.filter((check) => !unwanted.includes(check));
  return left.length > 0 ? left : command.error("error: --skip leaves no check", { exitCode: EXIT.usage });
}

async function check(url: URL, checks: readonly RegisteredCheck[], options: Options): Promise<number> {
  // Read first: a wrong file must not cost a run.
  const known = options.baseline === undefined ? undefined : baselineIn(fileText(options.baseline), options.baseline);
  const ran = await run({ url, stream: options.stream }, checks, options);
  if (typeof ran === "number") return ran;
  const report = known ? withBaseline(ran, known) : ran;
  const text = options.verbose ? verboseReport : briefReport;
  process.stdout.write(options.json ? visibleJson(jsonReport(report)) : text(report, paintFor(process.stdout)));
  if (options.junit) writeReport(options.junit, junitReport(report));
  return exitCodeOf(report);
}

/** Sends the messages of a file again, and compares status and reply. */
async function converse(url: URL, file: string, { stream, secret, timeout, json }: Options): Promise<number> {
  const conversation = readConversation(fileText(file), file);
  const paint = paintFor(process.stdout);
  const messages: MessageResult[] = [];
  for await (const message of runConversation(conversation, {
    ...{ url, stream, secret: nonEmpty(secret), timeoutMs: timeout },
  })) {
    messages.push(message);
    const { said, ok, came } = message;
    if (!json) process.stdout.write(`${ok ? paint("green", "✓") : paint("red", "✗")} "${said}": ${came}\n`);
  }
  const held = messages.filter(({ ok }) => ok).length;
  const passed = held === messages.length;
  const verdict = passed ? paint("green", "PASS") : paint("red", "FAIL");
  if (json) process.stdout.write(visibleJson({ schema: "replyhook-conversation-check/1", passed, messages }));
  else process.stdout.write(`${verdict} ${held} of ${messages.length} messages were answered as before\n`);
  return passed ? EXIT.passed : EXIT.failed;
}

async function compare(url: URL, other: URL, checks: readonly RegisteredCheck[], options: Options): Promise<number> {
  const { stream } = options;
  const here = await run({ url, stream }, checks, options);
  if (typeof here === "number") return here;
  // The other deployment's stream is at the same path, on its own host.
  const there = await run({ url: other, stream: stream && new URL(stream.pathname + stream.search, other) }, checks, options);
  if (typeof there === "number") return there;
  const found = differences(here, there);
  const reports = { schema: "replyhook-compare/1", differences: found, here: jsonReport(here), there: jsonReport(there) };
  process.stdout.write(options.json ? visibleJson(reports) : textDifferences(here, there, paintFor(process.stdout)));
  return found.length === 0 && !here.incomplete && !there.incomplete ? EXIT.passed : EXIT.failed;
}

/** Throws an error of one sentence. The report is on stdout already. */
function writeReport(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new Error(`${file} cannot be written: ${(error as NodeJS.ErrnoException).code}.`);
  }
}

/** Runs the checks. If nothing could be checked, prints why and returns the exit code. */
async function run(
  where: Pick<CheckedWebhook, "url" | "stream">,
  checks: readonly RegisteredCheck[],
  options: Options,
): Promise<Report | number> {
  const checked = { ...where, secret: nonEmpty(options.secret), timeoutMs: options.timeout };
  const most = maxRequests(checks, checked);
  const hosts = new Set([where.url.host, where.stream?.host ?? where.url.host]);
  process.stderr.write(
    `At most ${most} requests to ${[...hosts].join(" and ")}, for at most ${LONGEST_RUN_MS / 60_000} minutes.\n`,
  );
  const line = progressLine(process.stderr);
  const report = await runChecks(checks, checked, ({ index, count, check }) => {
    line.show(`${index + 1}/${count} ${check.id} ${check.name}`);
  });
  line.clear();
  if ("results" in report) return report;
  const paint = paintFor(process.stderr);
  process.stderr.write(`${paint("red", report.message)}\n${report.hints.map((hint) => `  ${hint}\n`).join("")}`);
  if (options.json) process.stdout.write(visibleJson(jsonObstacle(report)));
  return report.exitCode;
}

function listText(checks: readonly RegisteredCheck[]): string {
  return checks.map(({ id, level, name }) => `${id}  ${level.padEnd(6)}  ${name}\n`).join("");
}
