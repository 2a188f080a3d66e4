import { portInUse } from "../dev/port.ts";
import { UsageError } from "../usage-error.ts";
import { dataFileHere } from "./data-folder.ts";
import { startPlayground } from "./start.ts";
import { urlRefusal } from "./webhook-url.ts";

export interface PlaygroundArguments {
  readonly webhook: URL | undefined;
  readonly secret: string;
  /** The data file, if it is not the one of this folder. */
  readonly data: string | undefined;
  readonly port: number;
}

/** Starts the playground, and says where it is. Throws a UsageError that says what to change. */
export async function runPlayground({ webhook, secret, data, port }: PlaygroundArguments): Promise<void> {
  const refusal = webhook && urlRefusal(webhook.href);
  if (refusal) throw new UsageError(`The main app would not call it: ${refusal}. For this computer, use the name localhost.`);
  if (await portInUse(port))
    throw new UsageError(
      `Port ${port} is in use. Stop what uses it, or choose another: --port ${port < 65_534 ? port + 2 : port - 2}`,
    );
  try {
    const file = data ?? dataFileHere();
    const app = webhook && { name: webhook.host, url: webhook.href, secret };
    const { url, notice } = await startPlayground({ file, port, webhook: app });
    if (notice) console.error(notice);
    console.log(`Open ${url}\nApps and conversations are in ${file}. Ctrl-C ends it.`);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`${error.message} Name another file with --data.`);
  }
}
