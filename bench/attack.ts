import { connect } from "node:net";
import { isMainThread, workerData } from "node:worker_threads";

/** Sends a request over its own connection. Resolves when an answer begins or the server hangs up. */
export function sendOnce(url: string, request: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1").on("error", () => {});
    socket.once("data", () => socket.destroy()).once("close", () => resolve());
    socket.write(request);
  });
}

/** Sends one request after the other until its thread ends. */
async function attack(): Promise<never> {
  for (;;) await sendOnce(workerData.url, workerData.request);
}

if (!isMainThread) for (let i = 0; i < workerData.attackers; i++) void attack();
