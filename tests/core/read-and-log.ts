import { expect, test } from "vitest";
import { createApp } from "../../shared/app.ts";
import { systemClock } from "../../shared/clock.ts";
import { consoleLog, type LogRecord } from "../../shared/log.ts";
import { echo } from "../../shared/replies/echo.ts";
import type { Reply } from "../../shared/reply-types.ts";
import { parsePayload } from "../../shared/request/parse.ts";
import { payload } from "../support/payload.ts";

const JSON_TYPE = { "content-type": "application/json" };

function webhook() {
  const log: LogRecord[] = [];
  const app = createApp({ env: { LOG_FORMAT: "text" }, reply: echo, log: (record) => log.push(record) });
  return { log, ask: async (path: string, init: RequestInit = {}) => app.fetch(new Request(`http://localhost${path}`, init)) };
}

export function readAndLogPromises(): void {
  test.each(["application/json, text/plain", "application/json,application/json", "application/json-seq", "text/json"])(
    "a content type of %s is 415",
    async (type) => {
      expect((await webhook().ask("/", { method: "POST", headers: { "content-type": type }, body: "{}" })).status).toBe(415);
    },
  );

  test("reply logic gets lone surrogates as U+FFFD, in whichever case they are escaped", async () => {
    const body = JSON.stringify(payload("A")).replace(
      '"A"',
      '"\\uDC00 \\udc00 \\uD800 \\ud800 \\uD83D\\uDE00 \\u0000 \\\\uDC00"',
    );
    let seen = "";
    const reply: Reply = ({ message }) => {
      seen = message.content;
      return "";
    };
    const app = createApp({ env: {}, reply, log: () => {} });
    await app.fetch(new Request("http://localhost/", { method: "POST", headers: JSON_TYPE, body }));
    expect(seen).toBe("\ufffd \ufffd \ufffd \ufffd 😀 \0 \\uDC00");
  });

  test("at most 20 wrong fields are listed", async () => {
    const errorsOf = async (history_tail: unknown[]) => {
      const body = JSON.stringify(payload("hi", { history_tail }));
      const answer = await webhook().ask("/", { method: "POST", headers: JSON_TYPE, body });
      return ((await answer.json()) as { errors: unknown[] }).errors;
    };
    expect(await errorsOf(Array(19).fill({ role: 1, content: "" }))).toHaveLength(19);
    expect(await errorsOf(Array(30).fill({ role: 1, content: 1 }))).toHaveLength(20);
    // However far back it stands, the first one is named.
    const late = [...Array(40).fill({ role: "user", content: "" }), { role: 1, content: "" }];
    expect(await errorsOf(late)).toEqual([{ detail: "must be a string", pointer: "#/history_tail/40/role" }]);
  });

  test("an internal error is 500 reply_failed and two log records, and the answer does not say why", async () => {
    const log: LogRecord[] = [];
    // Nothing in our own code fails, so the clock does.
    const wallTime = () => {
      throw new Error("no time here");
    };
    const env = { LOG_FORMAT: "text", WEBHOOK_SECRET: "s" };
    const clock = { ...systemClock, wallTime };
    const app = createApp({ env, log: (record) => log.push(record), reply: async () => "", clock });
    const headers = { ...JSON_TYPE, "x-timestamp": "1", "x-signature": `sha256=${"0".repeat(64)}` };
    const init = { method: "POST", headers, body: "{}" };
    const answer = await app.fetch(new Request("http://localhost/", init));
    const problem = (await answer.json()) as { code: string; request_id: string };
    expect([answer.status, problem.code]).toEqual([500, "reply_failed"]);
    expect(JSON.stringify(problem)).not.toContain("no time");
    expect(log).toMatchObject([
      {
        level: "error",
        code: "reply_failed",
        request_id: problem.request_id,
        message: expect.stringContaining("no time here"),
      },
      { event: "request", method: "POST", route: "/", status: 500, code: "reply_failed" },
    ]);
  });

  test("a log record is one JSON line with its time, or one readable line with LOG_FORMAT=text", () => {
    const printed: string[] = [];
    const { log: original } = console;
    console.log = (line: string) => printed.push(line);
    try {
      const record = { level: "info", event: "request", method: "POST", route: "/", status: 200, ms: 3 } as const;
      consoleLog(undefined)(record);
      consoleLog("text")({ ...record, code: "deferred", sender_form: "escaped" });
    } finally {
      console.log = original;
    }
    const [json = "", text] = printed;
    const { time, ...rest } = JSON.parse(json);
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(rest).toEqual({ level: "info", event: "request", method: "POST", route: "/", status: 200, ms: 3 });
    expect(text).toMatch(/^\d\d:\d\d:\d\dZ {2}POST {2}\/ {2}200 {2}deferred {2}escaped {2}3 ms$/);
  });

  test("a logged error with many lines and control characters can move no cursor and forge no line", () => {
    const printed: string[] = [];
    const { error: original } = console;
    console.error = (line: string) => printed.push(line);
    const message = "no\n12:00:00  POST  /  200  \x1b]0;title\x07 \x9b2J \u202edesrever \r\x7f\u2028";
    try {
      const record = { level: "error", event: "reply", code: "reply_failed", message } as const;
      consoleLog("text")(record);
      consoleLog("json")(record);
    } finally {
      console.error = original;
    }
    const [text = "", json = ""] = printed;
    expect(text.split("\n")).toEqual([
      expect.stringMatching(/ {2}reply_failed {2}no$/),
      "    12:00:00  POST  /  200  \\u001b]0;title\\u0007 \\u009b2J \\u202edesrever \\r\\u007f\\u2028",
    ]);
    expect(json).toMatch(/^[\x20-\x7e]*$/);
    expect(JSON.parse(json).message).toBe(message);
  });

  test.each<[string, Record<string, string>, boolean]>([
    ["unsigned", {}, true],
    ["signed", { WEBHOOK_SECRET: '"quoted se$ret"' }, false],
    ["not configured", { REQUIRE_SIGNATURE: "true" }, false],
  ])(
    "GET / says %s as JSON and on the page in the same words, and the log warns if it is unsigned",
    async (mode, env, warns) => {
      const log: LogRecord[] = [];
      const app = createApp({ env, reply: echo, log: (record) => log.push(record) });
      const get = async (accept: string) => app.fetch(new Request("http://localhost/", { headers: { accept } }));
      const json = await get("application/json");
      const about = (await json.json()) as { explanation: string; warnings: string[] };
      expect(about).toMatchObject({ status: "ok", mode, warnings: expect.arrayContaining([expect.stringContaining(" is ")]) });
      expect(JSON.stringify(about)).not.toContain("se$ret");
      for (const answer of [json, await get("text/html")]) {
        expect([answer.headers.get("vary"), answer.headers.get("cache-control")]).toEqual(["accept", "no-store"]);
      }
      const page = await get("text/html, application/json;q=0.9");
      expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
      const text = (await page.text()).replaceAll("&#39;", "'");
      for (const words of [`">${mode}</strong>`, about.explanation, ...about.warnings]) expect(text).toContain(words);
      expect(text).not.toContain("se$ret");
      const logged = [...(warns ? [`unsigned: ${about.explanation}`] : []), ...about.warnings];
      const settings = logged.map((message) => ({ level: "warn", event: "setting", message }));
      expect(log.filter(({ event }) => event === "setting")).toEqual(settings);
    },
  );

  test("each request is one log record, on every route and with every end, and repeats nothing that the caller sent", async () => {
    const { log, ask } = webhook();
    await ask("/?q=stolen", { headers: { accept: "text/html" } });
    await ask("/health");
    await ask("/health", { method: "HEAD" });
    await ask("/openapi.json");
    await ask("/", { method: "POST", headers: JSON_TYPE, body: JSON.stringify(payload("stolen")) });
    await ask("/", { method: "POST", headers: JSON_TYPE, body: '{"event":"stolen"}' });
    await (await ask("/stream", { method: "POST", headers: JSON_TYPE, body: JSON.stringify(payload("stolen")) })).text();
    await ask("/stolen");
    await ask("/stream", { method: "PUT" });
    expect(log.map(({ method, route, status, code }) => [method, route, status, code].filter(Boolean).join(" "))).toEqual([
      "GET / 200",
      "GET /health 200",
      "HEAD /health 200",
      "GET /openapi.json 200",
      "POST / 200",
      "POST / 422 event_unsupported",
      "POST /stream 200",
      "GET (other) 404 not_found",
      "PUT /stream 405 method_not_allowed",
    ]);
    for (const record of log) expect(record).toMatchObject({ event: "request", ms: expect.any(Number) });
    expect(JSON.stringify(log)).not.toMatch(/stolen/i);
  });
}

export function cheapRefusalPromise(): void {
  test("a body full of wrong history entries costs little more than parsing it", () => {
    const body = new TextEncoder().encode(`{"event":"message_received","history_tail":[${Array(300_000).fill("{}").join()}]}`);
    const msOf = (work: () => void) => {
      const times = Array.from({ length: 5 }, () => {
        const startedAt = performance.now();
        work();
        return performance.now() - startedAt;
      });
      return Math.min(...times);
    };
    expect(parsePayload(body)).toMatchObject({ code: "payload_invalid" });
    const floor = msOf(() => JSON.parse(new TextDecoder().decode(body)));
    // In workerd the clock stands still while code runs, so both are 0.
    expect(msOf(() => parsePayload(body))).toBeLessThanOrEqual(5 * floor);
  });
}
