import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/**
 * A server on this computer that counts the runs of a reply, for each message id. The tests' reply asks it for
 * `script: count`, and gets the number of this run after `delayMs`.
 */
export async function startCounter(delayMs = 0) {
  let runMs = delayMs;
  const runs = new Map<string, number>();
  let total = 0;
  let waiting: { count: number; resolve: () => void }[] = [];
  const server = createServer(async ({ url = "" }, response) => {
    const id = decodeURIComponent(url.slice(1));
    const run = (runs.get(id) ?? 0) + 1;
    runs.set(id, run);
    total++;
    for (const { resolve } of waiting.filter(({ count }) => count <= total)) resolve();
    waiting = waiting.filter(({ count }) => count > total);
    await delay(runMs);
    response.end(String(run));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    /** From now on, runs take no time. */
    hurry() {
      runMs = 0;
    },
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    get total() {
      return total;
    },
    runsOf: (id: string) => runs.get(id) ?? 0,
    /** Resolves when there were `count` runs, of all messages. */
    reached: (count: number) =>
      new Promise<void>((resolve) => {
        if (total >= count) resolve();
        else waiting.push({ count, resolve });
      }),
    [Symbol.dispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}
