import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";

const NO_SUCH_ADDRESS = ["EADDRNOTAVAIL", "EAFNOSUPPORT"];

export interface Serving {
  readonly port: number;
  /** Stops listening, and breaks off what is still being answered. */
  close(): void;
}

/** Listens on both loopback addresses; port 0 takes a free one. Rejects with the error of `listen`, such as EADDRINUSE. */
export async function listenOnLoopback(listener: RequestListener, port: number): Promise<Serving> {
  const first = await listening(listener, "127.0.0.1", port);
  const servers = [first];
  const bound = (first.address() as AddressInfo).port;
  try {
    servers.push(await listening(listener, "::1", bound));
  } catch (error) {
    // Many machines have no IPv6. A free port may be taken there.
    if (port !== 0 && !NO_SUCH_ADDRESS.includes((error as NodeJS.ErrnoException).code ?? "")) {
      first.close();
      throw error;
    }
  }
  return {
    port: bound,
    close() {
      for (const server of servers) {
        server.close();
        server.closeAllConnections();
      }
    },
  };
}

async function listening(listener: RequestListener, host: string, port: number): Promise<Server> {
  const server = createServer(listener);
  server.listen({ port, host, ipv6Only: host === "::1" });
  await once(server, "listening");
  return server;
}
