import { connect } from "node:net";
import { isMainThread, workerData } from "node:worker_threads";

/** Sends a request over a connection of its own; resolves once an answer begins or the server hangs up. */
export function sendOnce(url: string, request: Uint8Array): Promise<void> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname).on("error", () => {});
    socket.once("data", () => socket.destroy()).once("close", () => resolve());
    socket.write(request);
  });
}

/** Comes back at once, until its thread is ended. */
async function attack(): Promise<never> {
  for (;;) await sendOnce(workerData.url, workerData.request);
}

if (!isMainThread) for (let i = 0; i < workerData.attackers; i++) void attack();
