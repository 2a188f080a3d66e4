import type { Command } from "commander";
import { signatureDigest } from "../sender/hmac.ts";
import { escaped } from "../sender/json-forms.ts";
import { headerValue, SECRET_NEEDED, secretOption, signingSecret } from "./arguments.ts";
import { readBytes } from "./input.ts";

const EXAMPLES = `
Examples:
  npx replyhook sign body.json --secret "$WEBHOOK_SECRET"
  printf '%s' '{"event":"message_received"}' | npx replyhook sign - --secret "$WEBHOOK_SECRET"
  npx replyhook sign body.json --secret "$WEBHOOK_SECRET" --escaped --timestamp 1767268800
  npx replyhook sign body.json --app f62591a3-8934-47cc-bd16-e1e800212586

The secret is that of --secret; with --app, that App's own in WEBHOOK_SECRETS; or else WEBHOOK_SECRET. WEBHOOK_SECRETS and
WEBHOOK_SECRET may stand in the environment or in .env of this folder.
The bytes of the file are signed as they are. If the file ends with a line end, it is signed too.
Exit codes: 0 signed, 2 usage.
`;

interface Options {
  app?: string;
  timestamp?: string;
  escaped?: boolean;
}

export function addSign(program: Command): void {
  program
    .command("sign")
    .summary("print the signature headers for a body")
    .description("Prints X-Timestamp and X-Signature for a body, and with --app also X-App-Id.")
    .argument("<file>", "the body, or - for stdin")
    .addOption(secretOption())
    .option("--app <id>", "sign for this App; app.id in the body must be the same", headerValue)
    .option("--timestamp <seconds>", "sign this Unix time instead of now")
    .option("--escaped", "sign the ASCII-escaped form of the body, as the main app does")
    .addHelpText("after", EXAMPLES)
    .action(async (file: string, options: Options, command: Command) => {
      const { app } = options;
      const secret = signingSecret(command, app);
      if (secret === undefined) return command.error(SECRET_NEEDED);
      const timestamp = options.timestamp ?? String(Math.floor(Date.now() / 1000));
      if (!/^\d{1,12}$/.test(timestamp)) return command.error("error: --timestamp must be Unix seconds in 1 to 12 digits");
      const bytes = await readBytes(file);
      const signed = options.escaped ? Buffer.from(escaped(bytes.toString())) : bytes;
      const signature = signatureDigest(secret, timestamp, signed).toString("hex");
      if (app !== undefined) process.stdout.write(`X-App-Id: ${app}\n`);
      process.stdout.write(`X-Timestamp: ${timestamp}\nX-Signature: sha256=${signature}\n`);
    });
}
