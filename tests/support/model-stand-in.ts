import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** An answer of a model's endpoint, as it goes over the wire. */
export interface ModelAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** The body, in the pieces in which it is written. */
  readonly pieces?: readonly string[];
  /** Milliseconds before the first piece. */
  readonly delayMs?: number;
  /** Milliseconds after each piece. */
  readonly pauseMs?: number;
  /** Written again and again after the last piece, while the connection stays open. */
  readonly keepAlive?: string;
  /** What happens after the last piece, or instead of an answer. `end` if it is not given. */
  readonly ending?: "end" | "stay open" | "break off" | "no answer";
}

export interface ModelRequest {
  readonly body: {
    model: string;
    stream: boolean;
    messages: { role: string; content: string | null; tool_calls?: unknown[]; tool_call_id?: string }[];
    tools?: unknown[];
    tool_choice?: string;
  };
  readonly type: string | undefined;
  readonly authorization: string | undefined;
}

export type Model = Awaited<ReturnType<typeof startModel>>;

/** An endpoint of OpenAI's protocol on a real port. It answers as `answerTo` says. */
export async function startModel(answerTo: (request: ModelRequest, index: number) => ModelAnswer) {
  const requests: ModelRequest[] = [];
  let hungUp = 0;
  const server = createServer(async (incoming, response) => {
    const body = JSON.parse(await textOf(incoming));
    const { "content-type": type, authorization } = incoming.headers;
    const request = { body, type, authorization };
    requests.push(request);
    const {
      status = 200,
      headers,
      pieces = [],
      delayMs = 0,
      pauseMs = 0,
      ending = "end",
      keepAlive,
    } = answerTo(request, requests.length - 1);
    response.on("close", () => {
      if (!response.writableFinished) hungUp++;
    });
    if (ending === "no answer") return response.destroy();
    response.writeHead(status, { "content-type": "text/event-stream", ...headers });
    response.flushHeaders();
    if (delayMs) await new Promise((resolve) => setTimeout(resolve, delayMs));
    for (const piece of pieces) {
      await new Promise((resolve) => response.write(piece, resolve));
      if (pauseMs) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    const timer = keepAlive ? setInterval(() => response.write(keepAlive), 100) : undefined;
    response.on("close", () => clearInterval(timer));
    if (ending === "end") response.end();
    else if (ending === "break off") setImmediate(() => response.destroy());
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    hungUp: () => hungUp,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
