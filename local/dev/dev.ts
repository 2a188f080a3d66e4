/** `npm run dev:worker`, `dev:netlify`, `dev:node`: starts a webhook on PORT, with the settings of the shell and of `.env`. */

import { startupLines } from "../../shared/pages/startup-lines.ts";
import { reply } from "../../shared/reply.ts";
import { readSettings } from "../../shared/settings.ts";
import { UsageError } from "../usage-error.ts";
import { Child } from "./child.ts";
import { portInUse } from "./port.ts";
import { localEnvironment, localPort } from "./settings-from-shell.ts";
import { type DevTarget, isDevTarget, TARGETS } from "./targets.ts";

/** The server is killed if it has not ended after this many milliseconds. */
const GRACE_MS = 5000;
/** Time between two looks whether npm is still running, in milliseconds. */
const PARENT_CHECK_MS = 500;

// If the reader of the log goes away, such as head, the webhook goes on.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

async function dev(name: string | undefined): Promise<number> {
  if (!isDevTarget(name)) throw new UsageError(`Say what to start: node local/dev/dev.ts ${Object.keys(TARGETS).join(" | ")}`);
  const target: DevTarget = TARGETS[name];
  const env = localEnvironment();
  const port = localPort(env);
  if (await portInUse(port)) {
    const other = port + 2 <= 65_535 ? port + 2 : port - 2;
    throw new UsageError(`Port ${port} is in use. Stop what uses it, or choose another: PORT=${other} npm run dev:${name}`);
  }

  const command = target.command(port, env);
  const child = new Child(command);
  let stopping = false;
  const stop = () => {
    stopping = true;
    child.stop("SIGINT");
    setTimeout(() => child.stop("SIGKILL"), GRACE_MS).unref();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
  process.on("exit", () => child.stop("SIGKILL"));
  // npm passes a SIGTERM only to the shell that it started. That shell ends and passes it to nobody, so we poll.
  const parent = process.ppid;
  const parentCheck = setInterval(() => {
    if (process.ppid === parent) return;
    // Only once: a server takes a second signal as "end now".
    clearInterval(parentCheck);
    stop();
  }, PARENT_CHECK_MS).unref();

  if (target.firstWords) console.log(target.firstWords);
  const code = await Promise.race([child.exited, child.ready]);
  if (code === undefined) {
    if (command.ready) for (const line of startupLines(`http://localhost:${port}`, readSettings(env, reply))) console.log(line);
    const ended = await child.exited;
    return stopping ? 0 : ended || 1;
  }
  if (stopping) return 0;
  for (const line of child.hiddenLines) console.error(line);
  console.error(`The ${target.title} did not start.`);
  return code || 1;
}

try {
  process.exitCode = await dev(process.argv[2]);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
process.exit();
