import { createServer, get, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { getRequestListener } from "@hono/node-server";
import { expect, test } from "vitest";
import { createApp } from "../../shared/app.ts";
import type { LogRecord } from "../../shared/log.ts";
import { echo } from "../../shared/replies/echo.ts";

const app = createApp({ env: {}, reply: echo, log: () => {} });

/** The origin of the URLs on the page, which people copy. */
async function shownOrigin(url: string, headers: Record<string, string> = {}): Promise<string | undefined> {
  const page = await (await app.fetch(new Request(url, { headers }))).text();
  return /<code>([^<]*)\/stream<\/code>/.exec(page)?.[1];
}

test.each(["localhost:8081", "my-webhook.example", "xn--bcher-kva.example", "[fd00::1]:8081", "[fe80::1]"])(
  "the host %s is shown",
  async (host) => {
    expect(await shownOrigin(`http://${host}/`)).toBe(`http://${host}`);
  },
);

test.each(["a;id", "$(id)", "a'b", "a`b", "a&b", "a.example;id", "id;a.example"])(
  "the host %o, which a shell would run, is not on the page",
  async (host) => {
    expect(await shownOrigin(`http://${host}/`)).toBe("https://your-webhook.example");
    const page = await (await app.fetch(new Request(`http://${host}/`))).text();
    expect(page).not.toContain(new URL(`http://${host}/`).host);
  },
);

test.each([
  ["https", "https"],
  ["HTTPS", "https"],
  ["https, http", "https"],
  ["https , http", "https"],
  ["http", "http"],
  ["http, https", "http"],
  ["httpsx", "http"],
])("behind a proxy that says X-Forwarded-Proto: %s, the page shows %s URLs", async (forwarded, shown) => {
  expect(await shownOrigin("http://bot.example/", { "x-forwarded-proto": forwarded })).toBe(`${shown}://bot.example`);
});

test.each([
  ["PROPFIND", "PROPFIND"],
  ["UNSUBSCRIBE", "(other)"],
  ["M-SEARCH", "(other)"],
  ["stolenX", "(other)"],
  ["Xstolen", "(other)"],
])("a request with the method %s is logged with the method %s", async (method, logged) => {
  const log: LogRecord[] = [];
  const app = createApp({ env: { LOG_FORMAT: "text" }, reply: echo, log: (record) => log.push(record) });
  expect((await app.fetch(new Request("http://localhost/stream", { method }))).status).toBe(405);
  expect(log).toMatchObject([{ method: logged, route: "/stream", status: 405 }]);
});

test.each([
  ["GET / is a page whatever the Host header says", { path: "/", headers: { host: "1.2.3.4.5" } }, "your-webhook.example"],
  ["also behind a proxy", { path: "/", headers: { host: "1.2.3.4.5", "x-forwarded-proto": "https" } }, "your-webhook.example"],
  ["a fragment, which no client should send, does not count as path", { path: "/health#x" }, '"ok"'],
])("%s", async (_, request, shown) => {
  const server = createServer(getRequestListener((incoming) => app.fetch(incoming)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get({ host: "127.0.0.1", port, ...request }, resolve).on("error", reject);
  });
  const body = await text(answer);
  server.close();
  expect(answer.statusCode).toBe(200);
  expect(body).toContain(shown);
});
