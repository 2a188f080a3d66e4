/**
 * `npm run dev:worker`, `dev:netlify`, `dev:node`: starts a webhook on PORT, with the settings of the shell and of `.env`.
 * `npm run dev`: the Worker, and the playground beside it.
 */

import { fileURLToPath } from "node:url";
import { UsageError } from "../usage-error.ts";
import { besideWebhook } from "./beside-webhook.ts";
import { DevServer } from "./dev-server.ts";
import { HELP } from "./help.ts";
import { alsoOnIpv6 } from "./ipv6.ts";
import { whenParentEnds } from "./parent.ts";
import { portInUse } from "./port.ts";
import { localEnvironment, localPort } from "./settings-from-shell.ts";
import { type DevTarget, isDevTarget, TARGETS } from "./targets.ts";
import { watchFile } from "./watch.ts";

/** What to start for both: the Worker and the playground. */
const PLAYGROUND = "playground";

// If the reader of the log goes away, such as head, the webhook goes on.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

async function dev([name, ...toolArguments]: readonly string[]): Promise<number> {
  if ([name, ...toolArguments].some((argument) => argument === "--help" || argument === "-h")) {
    console.log(HELP);
    return 0;
  }
  const withPlayground = name === PLAYGROUND;
  const command = withPlayground ? "npm run dev" : `npm run dev:${name}`;
  const targetName = withPlayground ? "worker" : name;
  if (!isDevTarget(targetName))
    throw new UsageError(`Say what to start: node local/dev/dev.ts ${[PLAYGROUND, ...Object.keys(TARGETS)].join(" | ")}`);
  const target: DevTarget = TARGETS[targetName];
  checkToolArguments(command, target, toolArguments);
  let env = localEnvironment();
  const port = localPort(env);
  if (await portInUse(port)) {
    const other = port + 2 <= 65_535 ? port + 2 : port - 2;
    throw new UsageError(`Port ${port} is in use. Stop what uses it, or choose another: PORT=${other} ${command}`);
  }

  if (target.firstWords) console.log(target.firstWords);
  if (toolArguments.length > 0) console.log(`Starting ${target.tool} with ${toolArguments.join(" ")}.`);
  if (target.isIpv4Only) alsoOnIpv6(port);
  const playground = withPlayground ? await besideWebhook(port, env, toolArguments) : undefined;
  env = playground?.env ?? env;
  const server = new DevServer(target, target.command(port, env, toolArguments), port, playground?.url);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => server.stop());
  process.on("exit", () => server.kill());
  whenParentEnds(() => server.stop());
  watchFile(".env", () => console.log(`.env has changed. To use it, press Ctrl-C and run ${command} again.`));
  return await server.run();
}

function checkToolArguments(command: string, { tool, title }: DevTarget, toolArguments: readonly string[]): void {
  const [first] = toolArguments;
  if (first !== undefined && !tool)
    throw new UsageError(`The ${title} takes no options, so ${first} cannot be passed on. See ${command} -- --help`);
  if (toolArguments.some((argument) => /^(?:--port|-p)(?:=|$)/.test(argument)))
    throw new UsageError(`Set the port in the environment: PORT=9000 ${command}`);
}

// The paths below are those of the project, wherever this was started.
process.chdir(fileURLToPath(new URL("../..", import.meta.url)));
try {
  process.exitCode = await dev(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
process.exit();
