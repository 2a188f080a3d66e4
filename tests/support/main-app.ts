import type { HttpBindings } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { createApi } from "../../local/playground/api/api.ts";
import { serve } from "../../local/playground/serve.ts";
import { openStore } from "../../local/playground/store/open.ts";

export const APP_ID = "f62591a3-8934-47cc-bd16-e1e800212586";
export const THREAD_ID = "f1292de5-8c37-4d48-8775-29b48eadf84c";
export const PARTNER_SECRET = "partner-secret";
/** The greeting has the first seq. */
export const FIRST_SEQ = 2;

/** After how many milliseconds a slow main app stores a post. A call on the tests' quick clock has timed out by then. */
const STORED_LATE_MS = 300;

/** What happens to a post instead of storing and answering 200. */
export type Mishap =
  | "401"
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

/**
 * The playground's main app on a real port, by default a free one, with one App and one thread. It may meet mishaps, and
 * with `anyThread` it has every App and thread that a webhook asks for.
 */
export async function startMainApp({ secret = PARTNER_SECRET, listenOn = 0, anyThread = false } = {}) {
  const ids: string[] = [];
  const threads = new Set<string>();
  const { store } = openStore(":memory:", () => ids.shift() ?? crypto.randomUUID());
  const api = createApi({ store, observe: () => {} });
  const makeThread = (appId: string, threadId: string) => {
    if (!store.app(appId)) {
      ids.push(appId);
      store.createApp({ name: "Tests", mode: "webhook", webhookUrl: null, secret, timeoutMs: 8000 });
    }
    ids.push(threadId);
    threads.add(threadId);
    if (!store.thread(appId, threadId)) store.createThread(appId);
    ids.length = 0;
  };
  makeThread(APP_ID, THREAD_ID);

  const requests: ({ method: string; url: string } & Record<"type" | "secret" | "appId", string | undefined>)[] = [];
  let mishaps: Mishap[] = [];
  const front = new Hono<{ Bindings: HttpBindings }>();
  front.all("*", async (c) => {
    const { method, path, url } = c.req;
    const { search } = new URL(url);
    const { "content-type": type, "x-app-secret": secret, "x-app-id": sentAppId } = c.req.header();
    requests.push({ method, url: path + search, type, secret, appId: sentAppId });
    const [, appId, threadId] = /^\/apps\/([^/]+)\/threads\/([^/]+)\/messages\/assistant$/.exec(path) ?? [];
    if (anyThread && appId && threadId) makeThread(appId, threadId);
    const mishap = method === "POST" ? mishaps.shift() : undefined;
    return mishap ? meet(mishap, c, api) : api.fetch(c.req.raw);
  });
  const serving = await serve(front, listenOn);

  return {
    url: `http://127.0.0.1:${serving.port}`,
    requests,
    /** What the webhook stored, in any thread. */
    get messages() {
      const all = [...threads].flatMap((id) => store.tail(id, 1000)).sort((a, b) => a.createdAt - b.createdAt);
      return all.filter(({ contentJson }) => contentJson?.get("source") === "dashboard_agent");
    },
    /** Adds old messages of the user to the thread. */
    addOld(count: number) {
      for (let i = 0; i < count; i++) store.addMessage(THREAD_ID, { role: "user", content: "old" });
    },
    next(...what: Mishap[]) {
      mishaps = what;
    },
    stop: () => serving.close(),
  };
}

async function meet(mishap: Mishap, c: Context<{ Bindings: HttpBindings }>, api: Hono): Promise<Response> {
  const body = await c.req.text();
  const store = () => api.request(c.req.raw.url, { method: "POST", headers: c.req.raw.headers, body });
  const hang = new Promise<Response>(() => {});
  if (mishap.endsWith("but stored")) await store();
  const [status] = /^\d+/.exec(mishap) ?? [];
  if (status) return Response.json({ detail: `ERROR_NUMBER_${status}` }, { status: Number(status) });
  if (mishap === "stored late") setTimeout(store, STORED_LATE_MS);
  if (mishap.startsWith("cut off")) c.env.incoming.socket.destroy();
  if (mishap === "huge id") return Response.json({ ...(await (await store()).json()), id: "x".repeat(100_000) });
  if (mishap === "redirect") return c.redirect("/stolen", 307);
  if (mishap === "not json") return c.body("<html>");
  if (mishap === "huge") return c.body("x".repeat(20_000_000));
  return hang;
}
