import { unstable_startWorker } from "wrangler";
import { type Server, startServer, stopServer } from "../servers.ts";
import { machineClock, startWallClock } from "./machine-clock.ts";

/** Both sides in one server of one platform. */
export interface StreamTarget {
  readonly url: string;
  /** Starts the clock whose time this target's words carry. */
  readonly startClock: () => () => number;
  stop(): Promise<void>;
}

export type Runtime = "Node" | "workerd" | "Netlify";

export const RUNTIMES: Record<Runtime, (signal: AbortSignal) => Promise<StreamTarget>> = {
  Node: (signal) => ownProcess("bench/streams/node-server.ts", {}, signal),
  workerd: startWorkerd,
  Netlify: (signal) => ownProcess("tests/http/netlify-runtime.mjs", { FUNCTIONS: "bench/streams/functions" }, signal),
};

async function ownProcess(script: string, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<StreamTarget> {
  const servers: Server[] = [];
  const stop = async () => {
    await Promise.all(servers.map(stopServer));
  };
  try {
    const { url } = await startServer(script, { env, isUp }, servers, signal);
    return { url, startClock: () => machineClock, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startWorkerd(): Promise<StreamTarget> {
  // Without it, wrangler asks the network for request.cf, and warns where there is none.
  process.env.CLOUDFLARE_CF_FETCH_ENABLED ??= "false";
  const worker = await unstable_startWorker({
    entrypoint: "bench/streams/worker.ts",
    config: "wrangler.toml",
    dev: { watch: false, liveReload: false, persist: false, inspector: false, logLevel: "error", server: { port: 0 } },
  });
  return { url: String(await worker.url), startClock: startWallClock, stop: () => worker.dispose() };
}

/** Whether the core answers at `url`. */
export async function isUp(url: string): Promise<boolean> {
  return (await fetch(new URL("health", url))).ok;
}
