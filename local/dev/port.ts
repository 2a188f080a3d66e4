import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

/** The playground's port. */
export const PLAYGROUND_PORT = 8082;

/** Where something listens in front of a webhook: next to the ports of the main app, of webhooks, and of their tools. */
export const LISTEN_PORT = 8083;

/** Whether something already listens on `port` of a loopback address. */
export async function portInUse(port: number): Promise<boolean> {
  for (const host of ["127.0.0.1", "::1"]) {
    if ((await listenError(port, host)) === "EADDRINUSE") return true;
  }
  return false;
}

function listenError(port: number, host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", (error: NodeJS.ErrnoException) => resolve(error.code));
    probe.listen({ port, host, ipv6Only: host === "::1" }, () => probe.close(() => resolve(undefined)));
  });
}

/** A port on which nothing listens at the moment. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}
