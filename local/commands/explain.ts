import type { Command } from "commander";
import { EXIT } from "../exit-codes.ts";
import { explain } from "../explain/explain.ts";
import { explanationText } from "../explain/explanation-text.ts";
import { readHeaderLines } from "../explain/header-lines.ts";
import { PeerText } from "../peer-text.ts";
import { paintFor, visibleJson } from "../terminal.ts";
import { nonEmpty, previousOption, SECRET_NEEDED, secretOption } from "./arguments.ts";
import { readBytes } from "./input.ts";

const EXAMPLES = `
Examples:
  npm run explain -- body.json --headers headers.txt --secret "$WEBHOOK_SECRET"
  npm run explain -- body.json --timestamp 1767268800 --signature sha256=… --secret "$WEBHOOK_SECRET" --at 1767268803
  npm run --silent explain -- - --timestamp … --signature … --secret "$NEW" --previous "$OLD" < body.json

Save the raw body, exactly as the webhook got it. headers.txt holds lines of "Name: value".
--at is the time of arrival, in Unix seconds; the default is now.
Exit codes: 0 the signature is good, 1 it is not, 2 usage.
`;

interface Options {
  secret?: string;
  previous?: string;
  headers?: string;
  timestamp?: string;
  signature?: string;
  at?: string;
  json?: boolean;
}

export function addExplain(program: Command): void {
  program
    .command("explain")
    .summary("say why a signature does not match")
    .description("Says why a webhook refuses a request. It tries every cause on the bytes that you give.")
    .argument("<file>", "the body as it arrived, or - for stdin")
    .addOption(secretOption())
    .addOption(previousOption())
    .option("--headers <file>", "a file with the request's headers")
    .option("--timestamp <value>", "X-Timestamp as it arrived")
    .option("--signature <value>", "X-Signature as it arrived")
    .option("--at <seconds>", "the time of arrival, in Unix seconds")
    .option("--json", "print the explanation as JSON")
    .addHelpText("after", EXAMPLES)
    .action(async (file: string, options: Options, command: Command) => {
      const secret = nonEmpty(options.secret);
      if (secret === undefined) return command.error(SECRET_NEEDED);
      const receivedAt = Number(options.at ?? Math.floor(Date.now() / 1000));
      if (!Number.isInteger(receivedAt)) return command.error("error: --at must be Unix seconds");
      const headers = options.headers === undefined ? {} : readHeaderLines(await readBytes(options.headers), options.headers);
      const explanation = explain({
        body: await readBytes(file),
        timestamp: options.timestamp ?? headers.timestamp,
        signature: options.signature ?? headers.signature,
        secret,
        previous: nonEmpty(options.previous),
        receivedAt,
        contentLength: headers.contentLength,
      });
      const peer = new PeerText({ secret, previous: options.previous });
      const findings = explanation.findings.map((finding) => ({ ...finding, what: peer.line(finding.what) }));
      const shown = { ...explanation, findings };
      process.stdout.write(
        options.json
          ? visibleJson({ schema: "replyhook-explain/1", ...shown })
          : explanationText(shown, paintFor(process.stdout)),
      );
      process.exitCode = explanation.valid ? EXIT.passed : EXIT.failed;
    });
}
