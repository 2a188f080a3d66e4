import { connect, createServer } from "node:net";
import { pipeline } from "node:stream";

/** Passes connections to [::1] on to 127.0.0.1, on the same port: `wrangler dev` listens on one address only. */
export function alsoOnIpv6(port: number): void {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const onward = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    // A connection that breaks is the client's to notice.
    pipeline(socket, onward, socket, () => {});
  });
  // There may be no IPv6, or an option of the user may make the tool listen there itself.
  server.on("error", () => {});
  server.listen({ port, host: "::1", ipv6Only: true }).unref();
}
