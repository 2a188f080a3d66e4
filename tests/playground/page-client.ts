import { EventEmitter, once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createParser } from "eventsource-parser";
import { freePort } from "../../local/dev/port.ts";
import { listenInFront } from "../../local/listen/front.ts";
import type {
  AppFields,
  AppView,
  ExchangeDetails,
  ExchangeView,
  MessageView,
  PageEvent,
  Sending,
  ThreadView,
} from "../../local/playground/page/protocol.ts";
import { createPlayground } from "../../local/playground/playground.ts";
import { serve } from "../../local/playground/serve.ts";
import { openStore } from "../../local/playground/store/open.ts";
import { HOOK, SECRET } from "./main-app.ts";

/** Events of a stream. */
export const delta = (text: string) => `event: delta\ndata: ${JSON.stringify({ text })}\n\n`;
export const done = (data: unknown) => `event: done\ndata: ${JSON.stringify(data)}\n\n`;

/**
 * The playground on a real port, in memory, used as its page uses it; with `to`, also in front of that webhook, with an App for it.
 * Disposing of it stops it.
 */
export async function startPage({ to, secret = SECRET }: { to?: string; secret?: string } = {}) {
  const { store } = openStore(":memory:");
  const frontPort = to ? await freePort() : 0;
  const paste = to ? `http://localhost:${frontPort}${new URL(to).pathname}` : "";
  const appId = to ? store.createApp({ ...HOOK, webhookUrl: to, secret }).id : "";
  const playground = createPlayground(store, to ? { passing: { to: new URL(to), paste, appId } } : {});
  const serving = await serve(playground, 0);
  const front = playground.front && (await listenInFront(frontPort, playground.front));
  const base = `http://localhost:${serving.port}`;
  const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(base + path, {
      ...{ method, headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as never };
  };
  const get = async <T>(path: string): Promise<T> => (await call("GET", path)).body as T;
  const post = async <T>(path: string, body: unknown = {}): Promise<T> => {
    const { status, body: answer } = await call("POST", path, body);
    if (status > 299) throw new Error(JSON.stringify(answer));
    return answer as T;
  };
  const page = await openEvents(base);
  return {
    ...{ store, base, call, get, post, port: serving.port, events: page },
    /** What to paste in the real main app. */
    paste,
    /** A new App with a new thread. */
    async chat(fields: AppFields & { timeoutMs?: number }) {
      const { timeoutMs, ...given } = fields;
      const app = await post<AppView>("/playground/apps", { name: "Acme", secret: SECRET, ...given });
      if (timeoutMs !== undefined) store.updateApp(app.id, { timeoutMs });
      const thread = await post<ThreadView>(`/playground/apps/${app.id}/threads`);
      const begin = async (sending: Sending) =>
        (await post<{ message: MessageView; exchange: string }>(`/playground/threads/${thread.id}/send`, sending)).exchange;
      return {
        ...{ app, thread, begin },
        /** Sends a message, and waits for the verdict. */
        async send(text: string, more: Omit<Sending, "text"> = {}): Promise<ExchangeView> {
          return page.ended(await begin({ text, ...more }));
        },
        test: async () => page.ended((await post<{ exchange: string }>(`/playground/apps/${app.id}/test`)).exchange),
        messages: () => get<MessageView[]>(`/playground/threads/${thread.id}/messages`),
        exchanges: () => get<ExchangeView[]>(`/playground/threads/${thread.id}/exchanges`),
      };
    },
    details: ({ id }: { id: string }) => get<ExchangeDetails>(`/playground/exchanges/${id}`),
    [Symbol.dispose]: () => {
      page.close();
      serving.close();
      front?.close();
    },
  };
}

export type Page = Awaited<ReturnType<typeof startPage>>;

type PageEventOf<T> = Extract<PageEvent, { type: T }>;

/** The stream of the page's events. */
async function openEvents(base: string) {
  const events: PageEvent[] = [];
  const news = new EventEmitter().setMaxListeners(100);
  const hangUp = new AbortController();
  const response = await fetch(`${base}/playground/events`, { signal: hangUp.signal });
  const parser = createParser({
    onEvent({ data }) {
      events.push(JSON.parse(data));
      news.emit("news");
    },
  });
  const read = async () => {
    const decoder = new TextDecoder();
    for await (const bytes of response.body ?? []) parser.feed(decoder.decode(bytes, { stream: true }));
  };
  read().catch(() => {});
  const until = async <T>(find: () => T | undefined): Promise<T> => {
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      await once(news, "news");
    }
  };
  return {
    ...{ events, until },
    /** The first event of this type that matches, also if it has come already. */
    seen<T extends PageEvent["type"]>(type: T, matches = (_: PageEventOf<T>) => true): Promise<PageEventOf<T>> {
      const isIt = (event: PageEvent): event is PageEventOf<T> => event.type === type && matches(event as PageEventOf<T>);
      return until(() => events.find(isIt));
    },
    close: () => hangUp.abort(),
    /** The exchange when it is over. */
    ended: (id: string) =>
      until(() => {
        const last = events.findLast((event) => event.type === "exchange" && event.exchange.id === id);
        return last?.type === "exchange" && last.exchange.state === "ended" ? last.exchange : undefined;
      }),
  };
}

type Answering = (request: IncomingMessage & { readonly json: ReceivedPayload }, response: ServerResponse) => unknown;
interface ReceivedPayload {
  readonly app: { readonly id: string };
  readonly thread: { readonly id: string };
  readonly message: { readonly content: string };
}

/** A webhook that runs code. Disposing of it closes it. */
export async function startWebhook(answering: Answering) {
  const server = createServer(async (request, response) => {
    const body = await new Response(request as never).text();
    await answering(Object.assign(request, { json: parsed(body) }), response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${port}/stream`,
    [Symbol.dispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Posts a message as a webhook does. Returns its id. */
export async function postAs(base: string, { app, thread }: ReceivedPayload, content: string): Promise<string> {
  const response = await fetch(`${base}/apps/${app.id}/threads/${thread.id}/messages/assistant`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-app-id": app.id, "x-app-secret": SECRET },
    body: JSON.stringify({ content }),
  });
  return ((await response.json()) as { id: string }).id;
}

/** The checks also send bodies that are no JSON. */
function parsed(body: string): ReceivedPayload {
  try {
    return JSON.parse(body);
  } catch {
    return undefined as never;
  }
}
