import { dataFileHere } from "../playground/data-folder.ts";
import { startPlayground } from "../playground/start.ts";
import { UsageError } from "../usage-error.ts";
import { portInUse } from "./port.ts";
import { playgroundPort } from "./settings-from-shell.ts";
import { withSecret } from "./written-secret.ts";

/** Where the webhook was at an earlier start. */
const ANY_PORT = /^https?:\/\/localhost:\d+\/stream$/;

interface BesideWebhook {
  /** The webhook's environment: it has the playground's secret, and stores its replies there. */
  readonly env: NodeJS.ProcessEnv;
  /** Undefined if the playground could not start. Why has been said then. */
  readonly url: string | undefined;
}

/** Starts the playground for a webhook that will listen on `port`. If its port or its data file cannot be used, the webhook starts alone. */
export async function besideWebhook(
  port: number,
  given: NodeJS.ProcessEnv,
  toolArguments: readonly string[],
): Promise<BesideWebhook> {
  const ownPort = playgroundPort(given);
  const env = withSecret(given);
  if (ownPort === port || (await portInUse(ownPort))) {
    const other = ownPort + 2 <= 65_535 ? ownPort + 2 : ownPort - 2;
    console.error(
      `Port ${ownPort} is in use, so the webhook starts without the playground. To have both: PLAYGROUND_PORT=${other} npm run dev`,
    );
    return { env, url: undefined };
  }
  try {
    const scheme = isHttps(toolArguments) ? "https" : "http";
    const url = `${scheme}://localhost:${port}/stream`;
    const webhook = { name: "My webhook", url, secret: env.WEBHOOK_SECRET ?? "", formerly: ANY_PORT };
    const playground = await startPlayground({ file: dataFileHere(), port: ownPort, webhook, replyFile: "shared/reply.ts" });
    if (playground.notice) console.error(playground.notice);
    process.on("uncaughtExceptionMonitor", () => console.error("The playground failed, so the webhook ends too:"));
    // What comes through a tunnel is from the real main app, whose threads the playground does not have.
    const isPublic = toolArguments.some((argument) => /^--tunnel(?:=|$)/.test(argument));
    return { env: isPublic || env.BACKEND_URL ? env : { ...env, BACKEND_URL: playground.url }, url: playground.url };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message} So the webhook starts without the playground.`);
    return { env, url: undefined };
  }
}

/** Whether wrangler is told to serve https. */
function isHttps(toolArguments: readonly string[]): boolean {
  return /(?:^|\s)--local-protocol[=\s]https(?:\s|$)/.test(toolArguments.join(" "));
}
