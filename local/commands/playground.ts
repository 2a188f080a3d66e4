import { type Command, Option } from "commander";
import { LISTEN_PORT, PLAYGROUND_PORT } from "../dev/port.ts";
import { UsageError } from "../usage-error.ts";
import { portNumber, secretOption, webhookUrl } from "./arguments.ts";

/** The first with all that the playground uses: node:sqlite, and JSON that keeps the text of its numbers. */
const NEEDED_NODE = 24;

const EXAMPLES = `
Examples:
  npx replyhook playground --webhook http://localhost:8080/stream --secret "$WEBHOOK_SECRET"
  npx replyhook playground --to http://localhost:8080/stream --secret "$WEBHOOK_SECRET"
  npx replyhook playground --data shop.sqlite --port 9001

The playground does what the main app does, on this computer: it sends the same bytes, and it has the same API for your webhook.
Start your webhook with BACKEND_URL=http://localhost:${PLAYGROUND_PORT} to store streamed replies here.
The webhook's URL is called as it is given, as by the main app: its chat needs an address that answers with a stream.
--to stands between the real main app and a webhook: paste http://localhost:${LISTEN_PORT} and the webhook's path in its dashboard. Each request
passes to the webhook as it is, its answer passes back, and both appear on the page.
Without --webhook or --to, the Apps are those of the data file, and the page makes new ones. Ctrl-C ends it.
Exit codes: 2 usage, 130 stopped by Ctrl-C.
`;

interface Options {
  webhook?: URL;
  to?: URL;
  listen?: number;
  secret?: string;
  data?: string;
  port: number;
}

export function addPlayground(program: Command): void {
  program
    .command("playground")
    .summary("chat with a webhook, without the main app")
    .description(`Serves a page in which you chat with a webhook and see each request. Needs Node ${NEEDED_NODE} or newer.`)
    .option("--webhook <url>", "begin with an App for this webhook", webhookUrl)
    .addOption(
      new Option("--to <url>", "pass the requests of the real main app on to this webhook, and show them")
        .argParser(webhookUrl)
        .conflicts("webhook"),
    )
    .option("--listen <port>", `with --to: the port that the main app calls (default: ${LISTEN_PORT})`, portNumber)
    .addOption(secretOption())
    .option("--data <file>", "where Apps and conversations are kept (default: .replyhook/playground.sqlite)")
    .addOption(
      new Option("--port <port>", "the port on this computer")
        .env("PLAYGROUND_PORT")
        .default(PLAYGROUND_PORT)
        .argParser(portNumber),
    )
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run({ webhook, to, listen, secret = "", data, port }: Options, command: Command): Promise<void> {
  if (listen !== undefined && !to) return command.error("error: --listen needs --to");
  if (Number.parseInt(process.versions.node, 10) < NEEDED_NODE)
    throw new UsageError(`The playground needs Node ${NEEDED_NODE} or newer, and this is ${process.version}.`);
  // Only now: an older Node, which runs the other commands, cannot load it.
  const { runPlayground } = await import("../playground/run.ts");
  await runPlayground({ webhook, to, frontPort: listen ?? LISTEN_PORT, secret, data, port });
}
