import type { Command } from "commander";
import { signatureDigest } from "../sender/hmac.ts";
import { escaped } from "../sender/json-forms.ts";
import { nonEmpty, SECRET_NEEDED, secretOption } from "./arguments.ts";
import { readBytes } from "./input.ts";

const EXAMPLES = `
Examples:
  npx replyhook sign body.json --secret "$WEBHOOK_SECRET"
  printf '%s' '{"event":"message_received"}' | npx replyhook sign - --secret "$WEBHOOK_SECRET"
  npx replyhook sign body.json --secret "$WEBHOOK_SECRET" --escaped --timestamp 1767268800

The bytes of the file are signed as they are. If the file ends with a line end, it is signed too.
Exit codes: 0 signed, 2 usage.
`;

interface Options {
  secret?: string;
  timestamp?: string;
  escaped?: boolean;
}

export function addSign(program: Command): void {
  program
    .command("sign")
    .summary("print the signature headers for a body")
    .description("Prints X-Timestamp and X-Signature for a body.")
    .argument("<file>", "the body, or - for stdin")
    .addOption(secretOption())
    .option("--timestamp <seconds>", "sign this Unix time instead of now")
    .option("--escaped", "sign the ASCII-escaped form of the body, as the main app does")
    .addHelpText("after", EXAMPLES)
    .action(async (file: string, options: Options, command: Command) => {
      const secret = nonEmpty(options.secret);
      if (secret === undefined) return command.error(SECRET_NEEDED);
      const timestamp = options.timestamp ?? String(Math.floor(Date.now() / 1000));
      if (!/^\d{1,12}$/.test(timestamp)) return command.error("error: --timestamp must be Unix seconds in 1 to 12 digits");
      const bytes = await readBytes(file);
      const signed = options.escaped ? Buffer.from(escaped(bytes.toString())) : bytes;
      const signature = signatureDigest(secret, timestamp, signed).toString("hex");
      process.stdout.write(`X-Timestamp: ${timestamp}\nX-Signature: sha256=${signature}\n`);
    });
}
