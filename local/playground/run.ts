import { whenParentEnds } from "../dev/parent.ts";
import { portInUse } from "../dev/port.ts";
import { isOwnAddress } from "../listen/own-address.ts";
import { UsageError } from "../usage-error.ts";
import { dataFileHere } from "./data-folder.ts";
import { startPlayground } from "./start.ts";
import { USE_LOCALHOST, urlRefusal } from "./webhook-url.ts";

interface PlaygroundArguments {
  readonly webhook: URL | undefined;
  /** Stand in front of this webhook, on this port. There is an App for it too. */
  readonly to: URL | undefined;
  readonly frontPort: number;
  readonly secret: string;
  /** The data file, if it is not the one of this folder. */
  readonly data: string | undefined;
  readonly port: number;
}

/** Starts the playground, and says where it is. Throws a UsageError that says what to change. */
export async function runPlayground(given: PlaygroundArguments): Promise<void> {
  const { to, webhook = to, secret, data, port, frontPort } = given;
  const refusal = webhook && urlRefusal(webhook.href);
  if (refusal) throw new UsageError(`The main app would not call it: ${refusal}. ${USE_LOCALHOST}`);
  await refuseUsed(port, "--port");
  if (to) await checkFront(to, port, frontPort);
  try {
    const file = data ?? dataFileHere();
    const app = webhook && { name: webhook.host, url: webhook.href, secret };
    // Whoever starts it without npm may want it to go on without its shell.
    if (process.env.npm_lifecycle_event !== undefined) whenParentEnds(() => process.exit());
    const { url, notice, paste } = await startPlayground({ file, port, webhook: app, ...(to && { frontPort }) });
    if (notice) console.error(notice);
    if (paste) console.log(`Paste ${paste} in the dashboard: its requests pass to ${to?.href} and appear on the page.`);
    console.log(`Open ${url}\nApps and conversations are in ${file}. Ctrl-C ends it.`);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`${error.message} Name another file with --data.`);
  }
}

async function refuseUsed(port: number, option: string): Promise<void> {
  if (!(await portInUse(port))) return;
  const other = port < 65_534 ? port + 2 : port - 2;
  throw new UsageError(`Port ${port} is in use. Stop what uses it, or choose another: ${option} ${other}`);
}

async function checkFront(to: URL, port: number, frontPort: number): Promise<void> {
  if (to.username || to.password)
    throw new UsageError("--to must have no user name: put it into the URL in the dashboard, and it is passed on.");
  if (frontPort === port)
    throw new UsageError(`--listen and --port are both ${port}: the page and the main app need two ports.`);
  for (const own of [port, frontPort])
    if (await isOwnAddress(to, own))
      throw new UsageError(
        `--to is the playground's own address. Name the webhook's own, such as http://localhost:8081/stream.`,
      );
  await refuseUsed(frontPort, "--listen");
}
