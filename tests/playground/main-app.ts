import { connect } from "node:net";
import { createApi } from "../../local/playground/api/api.ts";
import type { RunEvent } from "../../local/playground/runs/events.ts";
import { serve } from "../../local/playground/serve.ts";
import { openStore } from "../../local/playground/store/open.ts";
import type { AppFields } from "../../local/playground/store/records.ts";

export const SECRET = "whsec_test";
export const HOOK: AppFields = { name: "Acme", mode: "webhook", webhookUrl: null, secret: SECRET, timeoutMs: 8000 };

/** The main app on a real port, in memory. Disposing of it stops it. */
export async function startMainApp() {
  const events: RunEvent[] = [];
  const { store } = openStore(":memory:");
  const serving = await serve(createApi({ store, observe: (event) => events.push(event) }), 0);
  const base = `http://localhost:${serving.port}`;
  const call = async (method: string, path: string, body?: string | Uint8Array<ArrayBuffer>, headers = {}) => {
    const type = body === undefined ? {} : { "content-type": "application/json" };
    const init = { method, headers: { ...type, ...headers }, redirect: "manual", ...(body !== undefined && { body }) } as const;
    const response = await fetch(base + path, init);
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: () => JSON.parse(text) };
  };
  return {
    ...{ store, events, base, call, port: serving.port },
    /** An App, and a thread with one message of its user. */
    chat(fields: Partial<AppFields>, content: string | null = "hello") {
      const app = store.createApp({ ...HOOK, ...fields });
      const { thread } = store.createThread(app.id, { customerId: "customer-1" });
      store.addMessage(thread.id, { role: "user", content });
      const path = `/apps/${app.id}/threads/${thread.id}`;
      const partner = { "x-app-id": app.id, "x-app-secret": app.secret ?? "" };
      return {
        ...{ app, thread, path, partner },
        run: () => call("POST", `${path}/run`),
        test: (url = app.webhookUrl) => call("POST", `/apps/${app.id}/webhook/test`, JSON.stringify({ webhook_url: url })),
        stream: () => streamOf(serving.port, `${path}/run/stream`),
        post: (body: string) => call("POST", `${path}/messages/assistant`, body, partner),
        /** The messages after the user's. */
        stored: () =>
          store
            .messages(thread.id)
            .slice(2)
            .map(({ seq, role, content }) => ({ seq, role, content })),
      };
    },
    [Symbol.dispose]: () => serving.close(),
  };
}

/** A streamed answer: one entry for each HTTP chunk. `whole` is false if it broke off. */
export function streamOf(port: number, path: string): Promise<{ head: string; chunks: string[]; whole: boolean }> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    const received: Buffer[] = [];
    socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    socket.on("data", (data) => {
      received.push(data);
      if (data.toString("latin1").endsWith("0\r\n\r\n")) socket.destroy();
    });
    socket.on("error", reject);
    socket.on("close", () => {
      const bytes = Buffer.concat(received);
      const end = bytes.indexOf("\r\n\r\n") + 4;
      const chunks: string[] = [];
      for (let at = end; at < bytes.length; ) {
        const line = bytes.indexOf("\r\n", at);
        const size = Number.parseInt(bytes.toString("latin1", at, line), 16);
        if (size === 0) return resolve({ head: bytes.toString("latin1", 0, end), chunks, whole: true });
        chunks.push(bytes.toString("utf8", line + 2, line + 2 + size));
        at = line + 2 + size + 2;
      }
      resolve({ head: bytes.toString("latin1", 0, end), chunks, whole: false });
    });
  });
}
