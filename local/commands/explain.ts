import { type Command, Option } from "commander";
import { LISTEN_PORT, portInUse } from "../dev/port.ts";
import { EXIT } from "../exit-codes.ts";
import type { KnownSecrets } from "../explain/app-keys.ts";
import { explain } from "../explain/explain.ts";
import { explanationText, masked } from "../explain/explanation-text.ts";
import { readHeaderLines } from "../explain/header-lines.ts";
import { listen } from "../listen/listen.ts";
import { isOwnAddress } from "../listen/own-address.ts";
import { PeerText } from "../peer-text.ts";
import { paintFor, visibleJson } from "../terminal.ts";
import { UsageError } from "../usage-error.ts";
import {
  headerValue,
  nonEmpty,
  portNumber,
  previousOption,
  SECRET_NEEDED,
  secretOption,
  secretsOfApps,
  webhookUrl,
} from "./arguments.ts";
import { readBytes } from "./input.ts";

const EXAMPLES = `
Examples:
  npx replyhook explain body.json --headers headers.txt
  npx replyhook explain body.json --timestamp 1767268800 --signature sha256=… --at 1767268803
  npx replyhook explain - --headers headers.txt --secret "$NEW" --previous "$OLD" < body.json
  npx replyhook explain body.json --timestamp 1767268800 --signature sha256=… --app f62591a3-8934-47cc-bd16-e1e800212586
  npx replyhook explain --listen --to http://localhost:8081/stream

Save the raw body, exactly as the webhook got it. headers.txt holds lines of "Name: value".
--at is the time of arrival, in Unix seconds; the default is now.
The secrets are those of the options, or WEBHOOK_SECRET and WEBHOOK_SECRET_PREVIOUS in the environment or in .env of this folder.
Without --secret, those of WEBHOOK_SECRETS too: for an App that it names in X-App-Id, a webhook takes no others.
--listen waits for messages on http://localhost:${LISTEN_PORT}/, to be pasted in the dashboard in place of the webhook's URL. It explains
and saves each message. With --to, it passes each on to the webhook, and its answer back. Ctrl-C ends it.
Exit codes: 0 the signature is good, 1 it is not, 2 usage, 130 stopped by Ctrl-C.
`;

interface Options {
  secret?: string;
  previous?: string;
  headers?: string;
  timestamp?: string;
  signature?: string;
  app?: string;
  at?: string;
  json?: boolean;
  listen?: number | true;
  to?: URL;
}

export function addExplain(program: Command): void {
  program
    .command("explain")
    .summary("say why a signature does not match")
    .description(
      "Says why a webhook refuses a request. It tries every cause on the bytes that you give, or on messages as they arrive.",
    )
    .argument("[file]", "the body as it arrived, or - for stdin")
    .addOption(secretOption())
    .addOption(previousOption())
    .option("--headers <file>", "a file with the request's headers")
    .option("--timestamp <value>", "X-Timestamp as it arrived")
    .option("--signature <value>", "X-Signature as it arrived")
    .option("--app <id>", "X-App-Id as it arrived", headerValue)
    .option("--at <seconds>", "the time of arrival, in Unix seconds")
    .option("--json", "print the explanation as JSON")
    .addOption(
      new Option("--listen [port]", `explain each message that arrives on this port of this computer (default: ${LISTEN_PORT})`)
        .argParser(portNumber)
        .conflicts(["headers", "timestamp", "signature", "app", "at", "json"]),
    )
    .option("--to <url>", "with --listen: pass each message on to this webhook", webhookUrl)
    .addHelpText("after", EXAMPLES)
    .action(async (file: string | undefined, options: Options, command: Command) => {
      const secrets = { secret: nonEmpty(options.secret), previous: options.previous, appSecrets: secretsOfApps(command) };
      if (secrets.secret === undefined && secrets.appSecrets.size === 0) return command.error(SECRET_NEEDED);
      if (options.listen !== undefined) {
        if (file !== undefined) return command.error("error: --listen takes no file: it explains what arrives");
        return listenHere(options.listen === true ? LISTEN_PORT : options.listen, secrets, options);
      }
      if (options.to) return command.error("error: --to needs --listen");
      if (file === undefined) return command.error("error: missing argument 'file': the body as it arrived, or --listen");
      process.exitCode = await explainFile(file, secrets, options, command);
    });
}

async function explainFile(file: string, secrets: KnownSecrets, options: Options, command: Command): Promise<number> {
  const receivedAt = Number(options.at ?? Math.floor(Date.now() / 1000));
  if (!Number.isInteger(receivedAt)) return command.error("error: --at must be Unix seconds");
  const headers = options.headers === undefined ? {} : readHeaderLines(await readBytes(options.headers), options.headers);
  const explanation = await explain({
    body: await readBytes(file),
    timestamp: options.timestamp ?? headers.timestamp,
    signature: options.signature ?? headers.signature,
    appId: options.app ?? headers.appId,
    ...secrets,
    receivedAt,
    contentLength: headers.contentLength,
  });
  const shown = masked(explanation, new PeerText(secrets));
  process.stdout.write(
    options.json ? visibleJson({ schema: "replyhook-explain/1", ...shown }) : explanationText(shown, paintFor(process.stdout)),
  );
  return explanation.valid ? EXIT.passed : EXIT.failed;
}

async function listenHere(port: number, secrets: KnownSecrets, { to }: Options): Promise<void> {
  if (to?.username || to?.password)
    throw new UsageError("--to must have no user name: put it into the URL in the dashboard, and it is passed on.");
  if (to && (await isOwnAddress(to, port)))
    throw new UsageError(
      `--to is the address on which --listen listens. Name the webhook's own, such as http://localhost:8081/.`,
    );
  if (await portInUse(port))
    throw new UsageError(
      `Port ${port} is in use. Stop what uses it, or choose another: npx replyhook explain --listen ${port < 65_535 ? port + 1 : port - 1}`,
    );
  await listen({
    port,
    to,
    ...secrets,
    paint: paintFor(process.stdout),
    print: (text) => void process.stdout.write(text),
  });
}
