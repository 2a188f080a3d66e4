import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

export const APP_ID = "f62591a3-8934-47cc-bd16-e1e800212586";
export const THREAD_ID = "f1292de5-8c37-4d48-8775-29b48eadf84c";
export const PARTNER_SECRET = "partner-secret";

export interface StoredMessage {
  id: string;
  seq: number;
  content: string;
  content_json: Record<string, unknown>;
  /** Milliseconds since the epoch. */
  at: number;
}

/** After how many milliseconds a slow main app stores a post. A call on the tests' quick clock has timed out by then. */
const STORED_LATE_MS = 300;

/** What happens to a post instead of storing and answering 200. */
export type Mishap =
  | "404"
  | "422"
  | "429"
  | "500"
  | "500 but stored"
  | "503 but stored"
  | "hang"
  | "stored late"
  | "cut off"
  | "cut off but stored"
  | "redirect"
  | "huge"
  | "huge id"
  | "not json";

export type MainApp = Awaited<ReturnType<typeof startMainApp>>;

/** A small main app on a real port, by default a free one. It has the Partner API as far as a webhook uses it (observed). */
export async function startMainApp({ secret = PARTNER_SECRET, listenOn = 0 } = {}) {
  const messages: StoredMessage[] = [];
  const requests: { method: string; url: string; secret: string | undefined; appId: string | undefined }[] = [];
  let mishaps: Mishap[] = [];

  const server = createServer(async (request, response) => {
    const { method = "", url = "", headers } = request;
    requests.push({ method, url, secret: headers["x-app-secret"] as string, appId: headers["x-app-id"] as string });
    if (headers["x-app-secret"] !== secret) return answer(response, 401, { detail: "ERROR_PARTNER_API_APP_OR_SECRET_INVALID" });
    const [, thread, rest] = /^(\/apps\/[0-9a-f-]{36}\/threads\/[0-9a-f-]{36}\/messages)(.*)$/.exec(url) ?? [];
    if (method === "GET" && thread && rest?.startsWith("?")) {
      const limit = Number(new URL(url, "http://x").searchParams.get("limit"));
      return answer(response, 200, messages.slice(0, limit).map(asMessage));
    }
    if (method === "GET" && url.startsWith(`/apps/${APP_ID}/threads?`))
      return answer(response, 200, { items: [], next_cursor: null });
    if (method !== "POST" || !thread || rest !== "/assistant")
      return answer(response, 404, { detail: "ERROR_THREAD_NOT_FOUND" });
    const { content, content_json } = JSON.parse(await textOf(request));
    const mishap = mishaps.shift();
    const store = () => {
      const seq = messages.length + 1;
      const message = {
        id: `00000000-0000-4000-8000-${String(seq).padStart(12, "0")}`,
        seq,
        content,
        content_json,
        at: Date.now(),
      };
      messages.push(message);
      return message;
    };
    if (mishap?.endsWith("but stored")) store();
    const [status] = /^\d+/.exec(mishap ?? "") ?? [];
    if (status) return answer(response, Number(status), { detail: `ERROR_NUMBER_${status}` });
    if (mishap === "hang") return;
    if (mishap === "stored late") return void setTimeout(store, STORED_LATE_MS);
    if (mishap?.startsWith("cut off")) return request.socket.destroy();
    if (mishap === "huge id") return answer(response, 200, { ...asMessage(store()), id: "x".repeat(100_000) });
    if (mishap === "redirect") return response.writeHead(307, { location: `http://127.0.0.1:${port()}/stolen` }).end();
    if (mishap === "not json") return response.writeHead(200).end("<html>");
    if (mishap === "huge") return response.writeHead(200).end("x".repeat(20_000_000));
    answer(response, 200, asMessage(store()));
  });
  await new Promise<void>((resolve) => server.listen(listenOn, "127.0.0.1", resolve));
  const port = () => (server.address() as { port: number }).port;

  return {
    url: `http://127.0.0.1:${port()}`,
    messages,
    requests,
    next(...what: Mishap[]) {
      mishaps = what;
    },
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function asMessage({ id, seq, content, content_json }: StoredMessage) {
  return {
    id,
    thread_id: THREAD_ID,
    seq,
    role: "assistant",
    content,
    content_json: { ...content_json, source: "dashboard_agent" },
    created_at: "2026-11-23T18:18:09.747261Z",
  };
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
