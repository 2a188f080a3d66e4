import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A small service on a real port. The path says how it answers. Any other path is a fast answer. */
export async function startOrders() {
  const hungUp = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    const json = (body: unknown, status = 200) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    switch (request.url) {
      case "/slow":
        response.on("close", () => hungUp.resolve());
        return;
      case "/unknown":
        return json({}, 404);
      case "/500":
        return json({ status: "shipped" }, 500);
      case "/html":
        return response.end("<html>");
      case "/another%20form":
        return json({ state: "shipped" });
      case "/cut%20off":
        response.writeHead(200, { "content-length": "100" }).write('{"status":');
        return setImmediate(() => response.destroy());
      case "/bot":
        request.on("data", (chunk: Buffer) => response.write(`You said é ${chunk}. `)).on("end", () => response.end("Bye."));
        return;
      case "/bot/cut%20off":
        response.writeHead(200).write("Half an ");
        return setImmediate(() => response.destroy());
      default:
        return json({ status: "shipped" });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Resolves when the caller of `/slow` has closed its connection. */
    hungUp: hungUp.promise,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}
