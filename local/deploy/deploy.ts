/** `npm run deploy:worker`, `deploy:netlify`: deploys the code and its webhook secret with the platform's own tool. */
import { constants } from "node:os";
import { dashboardUrls } from "../../shared/pages/dashboard-urls.ts";
import { appSecretsIn } from "../app-secrets.ts";
import { shellAndFile } from "../env-file.ts";
import { UsageError } from "../usage-error.ts";
import { cloudflare } from "./cloudflare.ts";
import { netlify } from "./netlify.ts";
import { asWritten, type Platform, type Session } from "./platform.ts";
import { isLocalSecret, isWebhookSecret, newSecret, privateFolder, secretsOf } from "./secrets.ts";
import { PlatformError, Stopped, Tool } from "./tool.ts";

const PLATFORMS: Record<string, (session: Session) => Platform> = { worker: cloudflare, netlify };

/** With one of these arguments, nothing is deployed or the user sends the secrets in another way. */
const PLAIN = /^(?:--dry-run|--help|-h|--version|-v|--secrets-file)(?:=|$)/;

/** The tool is killed if it has not ended after this many milliseconds. */
const GRACE_MS = 5000;

async function deploy(name: string | undefined, args: readonly string[]): Promise<number> {
  const open = PLATFORMS[name ?? ""];
  if (!open) throw new UsageError(`Say where to: node local/deploy/deploy.ts ${Object.keys(PLATFORMS).join(" | ")}`);
  const tool = new Tool();
  let stoppedBy: NodeJS.Signals | undefined;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      stoppedBy = signal;
      tool.stop(signal);
      setTimeout(() => {
        tool.stop("SIGKILL");
        process.exit(exitCodeOf(signal));
      }, GRACE_MS).unref();
    });
  }

  const platform = open({ tool, args, folder: privateFolder() });
  if (platform.firstWords) console.log(platform.firstWords);
  try {
    return asWritten(args).some((arg) => PLAIN.test(arg)) ? await platform.runPlain() : await deployWithSecret(platform);
  } catch (error) {
    if (!(error instanceof Stopped) || !stoppedBy) throw error;
    return exitCodeOf(stoppedBy);
  }
}

function exitCodeOf(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}

/** A secret of fewer characters was probably typed to try something. */
const SHORT_SECRET = 16;

async function deployWithSecret(platform: Platform): Promise<number> {
  const env = shellAndFile();
  const given = secretsOf(env);
  // Deployed, it would close the webhook.
  appSecretsIn(given);
  if (isLocalSecret(env.WEBHOOK_SECRET))
    console.log("The WEBHOOK_SECRET that npm run dev made is only for this computer: it is not deployed.");
  const length = given.WEBHOOK_SECRET?.length ?? 0;
  if (length > 0 && length < SHORT_SECRET)
    console.error(
      `The WEBHOOK_SECRET of the shell or of .env is deployed as it is, and has only ${length} characters. ` +
        "If it was only for tests, remove it there and deploy again: the first deploy without one makes a long one.",
    );
  const isGiven = Object.keys(given).some(isWebhookSecret);
  const made = isGiven || (await hasWebhookSecret(platform)) ? undefined : newSecret();

  let isDeployed = false;
  // Print the new secret if the deploy fails: the platform may have stored it, and then the next deploy does not replace it.
  process.on("exit", () => {
    if (!made || isDeployed) return;
    console.error(`The deploy did not succeed, but this new webhook secret may have been stored: ${made}`);
    console.error("Deploy again. If that deploy prints a new secret, use the new one. If not, use this one.");
  });
  const { code, origin } = await platform.deploy(made ? { ...given, WEBHOOK_SECRET: made } : given);
  if (code !== 0) return code;
  isDeployed = true;

  const urls = origin ? dashboardUrls(origin) : { chat: "the address above, with /stream", run: "the address above, with /" };
  const ofApps = given.WEBHOOK_SECRETS && "of each App its own, in the WEBHOOK_SECRETS that you gave";
  const common = given.WEBHOOK_SECRET && `${ofApps ? "of other Apps " : ""}the WEBHOOK_SECRET that you gave`;
  const unchanged = [ofApps, common].filter(Boolean).join("; ") || "the same as before";
  console.log(`
Paste into the App in the dashboard:
  Webhook URL     ${urls.chat} (to chat there)
                  ${urls.run} (for callers of /run)
  Webhook secret  ${made ? `${made} (made now, and not shown again)` : unchanged}`);
  return 0;
}

async function hasWebhookSecret(platform: Platform): Promise<boolean> {
  console.log(`Asking ${platform.title} whether the deployment has a WEBHOOK_SECRET.`);
  return await platform.hasSecret();
}

try {
  const [, , name, ...args] = process.argv;
  process.exitCode = await deploy(name, args);
} catch (error) {
  if (!(error instanceof UsageError || error instanceof PlatformError)) throw error;
  console.error(error.message);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
process.exit();
