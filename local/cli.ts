/** The `replyhook` command: `node local/cli.ts --help`. */
import { statSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { version } from "../shared/version.ts";
import { visibleLines } from "../shared/visible.ts";
import { addCheck } from "./commands/check.ts";
import { addExplain } from "./commands/explain.ts";
import { addPlayground } from "./commands/playground.ts";
import { addSend } from "./commands/send.ts";
import { addSign } from "./commands/sign.ts";
import { shellAndFile } from "./env-file.ts";
import { EXIT } from "./exit-codes.ts";

const STOPPED_BY_SIGINT = 130;

const program = new Command("replyhook")
  .description("Checks and debugs webhooks of the main app, whatever language they are written in.")
  .version(version)
  .showHelpAfterError("(--help shows how)")
  .configureHelp({ showGlobalOptions: true })
  .exitOverride();
for (const add of [addCheck, addSend, addSign, addExplain, addPlayground]) add(program);

process.once("SIGINT", () => {
  process.stderr.write("\nStopped.\n");
  process.exit(STOPPED_BY_SIGINT);
});
// A reader that closes our output early, such as head, is not an error.
process.stdout.on("error", () => process.exit());

/** Arguments with which no command looks for a secret. */
const NO_SECRET = /^(?:--help|-h|--version|-V|--list)$/;

try {
  // The same settings as those of the servers that run from this folder. A folder of that name is a Python environment.
  const isFolder = statSync(".env", { throwIfNoEntry: false })?.isDirectory();
  if (!isFolder && !process.argv.some((argument) => NO_SECRET.test(argument)))
    Object.assign(
      process.env,
      shellAndFile(["WEBHOOK_SECRET", "WEBHOOK_SECRET_PREVIOUS", "WEBHOOK_SECRETS", "PLAYGROUND_PORT"]),
    );
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : EXIT.usage;
  else {
    process.stderr.write(`${visibleLines(error instanceof Error ? error.message : String(error))}\n`);
    process.exitCode = EXIT.usage;
  }
}
