import { expect, test } from "vitest";
import { createApp } from "../../shared/app.ts";
import type { LogRecord } from "../../shared/log.ts";
import { payload } from "../support/payload.ts";

const JSON_TYPE = { "content-type": "application/json" };

function webhook() {
  const log: LogRecord[] = [];
  const app = createApp({ env: { LOG_FORMAT: "text" }, log: (record) => log.push(record) });
  return { log, ask: async (path: string, init: RequestInit = {}) => app.fetch(new Request(`http://localhost${path}`, init)) };
}

export function readAndLogPromises(): void {
  test("a body that is announced as too large is refused before it comes", async () => {
    const never = new ReadableStream({ pull: () => new Promise(() => {}) });
    const headers = { ...JSON_TYPE, "content-length": "1048577" };
    const init = { method: "POST", headers, body: never, duplex: "half" } as RequestInit;
    expect((await webhook().ask("/", init)).status).toBe(413);
  });

  test("a body without an announced length is counted as it comes, and the rest is not waited for", async () => {
    let cancelled = false;
    const endless = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
      cancel() {
        cancelled = true;
      },
    });
    const init = { method: "POST", headers: JSON_TYPE, body: endless, duplex: "half" } as RequestInit;
    expect((await webhook().ask("/", init)).status).toBe(413);
    expect(cancelled).toBe(true);
  });

  test("wrong fields are listed up to 20, and of a large body only the first", async () => {
    const errorsOf = async (entries: number, content = "") => {
      const history_tail = Array(entries).fill({ role: 1, content });
      const body = JSON.stringify(payload("hi", { history_tail }));
      const answer = await webhook().ask("/", { method: "POST", headers: JSON_TYPE, body });
      return ((await answer.json()) as { errors: unknown[] }).errors;
    };
    expect(await errorsOf(19)).toHaveLength(19);
    expect(await errorsOf(30)).toHaveLength(20);
    expect(await errorsOf(30, "x".repeat(3000))).toHaveLength(1);
  });

  test("each request is one record, whatever its route and end; what a stranger typed is in none", async () => {
    const { log, ask } = webhook();
    await ask("/?q=stolen", { headers: { accept: "text/html" } });
    await ask("/health");
    await ask("/health", { method: "HEAD" });
    await ask("/openapi.json");
    await ask("/", { method: "POST", headers: JSON_TYPE, body: JSON.stringify(payload("stolen")) });
    await ask("/", { method: "POST", headers: JSON_TYPE, body: '{"event":"stolen"}' });
    await ask("/stolen");
    await ask("/stream", { method: "PUT" });
    expect(log.map(({ method, route, status, code }) => [method, route, status, code].filter(Boolean).join(" "))).toEqual([
      "GET / 200",
      "GET /health 200",
      "HEAD /health 200",
      "GET /openapi.json 200",
      "POST / 200",
      "POST / 422 event_unsupported",
      "GET (other) 404 not_found",
      "PUT /stream 405 method_not_allowed",
    ]);
    for (const record of log) expect(record).toMatchObject({ event: "request", ms: expect.any(Number) });
    expect(JSON.stringify(log)).not.toMatch(/stolen/i);
  });
}
