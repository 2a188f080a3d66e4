import { expect, test, vi } from "vitest";
import { createApp } from "../../shared/app.ts";
import { systemClock } from "../../shared/clock.ts";
import { describeError } from "../../shared/error-text.ts";
import { Exchange } from "../../shared/exchange.ts";
import { consoleLog, type LogRecord } from "../../shared/log.ts";
import { isSecretName, withoutSecrets } from "../../shared/redact.ts";
import { echo } from "../../shared/replies/echo.ts";
import type { Reply } from "../../shared/reply-types.ts";
import { payload } from "../support/payload.ts";
import { wait, watch, webhook } from "../support/replying.ts";
import { signedRequest } from "../support/signing.ts";

/** With this format the log has no line about settings. */
const TEXT = { LOG_FORMAT: "text" };
const IDS = { app: { id: "app-1" }, thread: { id: "thread-1" }, message: { id: "message-1", content: "hi" } };

/** The lines that a log prints for these records, with LOG_FORMAT=text. */
function linesOf(...records: LogRecord[]): string[] {
  return printed(...records).map(([, line = ""]) => line);
}

/** The console's method, and the line. */
function printed(...records: LogRecord[]): string[][] {
  const lines: string[][] = [];
  const spies = (["log", "warn", "error"] as const).map((method) =>
    vi.spyOn(console, method).mockImplementation((line) => void lines.push([method, line])),
  );
  for (const record of records) consoleLog("text")(record);
  for (const spy of spies) spy.mockRestore();
  return lines;
}

async function logged(
  reply: Reply,
  env: Record<string, string> = {},
  body: object = IDS,
  secret?: string,
): Promise<LogRecord[]> {
  const log: LogRecord[] = [];
  const app = createApp({ env: { ...TEXT, ...env }, reply, log: (record) => log.push(record) });
  const text = JSON.stringify(payload("hi", body));
  const now = Math.floor(Date.now() / 1000);
  const { headers } = await signedRequest(secret ?? "s", now, text);
  await (await app.request("/", { method: "POST", headers, body: text })).text();
  return log;
}

export function logPromises(): void {
  test("a request's line has the ids of its App, thread and message", async () => {
    const ids = { app_id: "app-1", thread_id: "thread-1", message_id: "message-1" };
    const facts = { method: "POST", route: "/", status: 200, sender_form: "unsigned", ms: expect.any(Number) };
    const all = { level: "info", event: "request", request_id: expect.any(String), ...facts, ...ids };
    expect(await logged(echo)).toEqual([all]);
    const [request] = await logged(echo, {}, { app: { id: "a".repeat(5000) } });
    expect(request?.app_id).toBe("a".repeat(64));
    expect(request?.message_id).toBeUndefined();
  });

  test("a refused request's line has no id: nobody verified it", async () => {
    const [request] = await logged(echo, { WEBHOOK_SECRET: "another" });
    expect(request).toMatchObject({ status: 401 });
    expect(JSON.stringify(request)).not.toMatch(/app-1|thread-1|message-1/);
  });

  test("a request's line says whether the current or the previous secret signed it", async () => {
    const env = { WEBHOOK_SECRET: "new", WEBHOOK_SECRET_PREVIOUS: "old" };
    expect(await logged(echo, env, IDS, "new")).toMatchObject([{ signed_with: "current" }]);
    expect(await logged(echo, env, IDS, "old")).toMatchObject([{ signed_with: "previous" }]);
    expect((await logged(echo))[0]?.signed_with).toBeUndefined();
  });

  test("a reply that takes long leaves a line before its end, so one that never ends is seen; a quick one does not", async () => {
    const { ask, clock, log } = webhook(async () => {
      await wait(clock, 12_000);
      return "late";
    }, TEXT);
    const { ended } = watch(await ask("/stream"), clock);
    await clock.advance(9900);
    expect(log).toEqual([]);
    await clock.advance(200);
    expect(log).toEqual([expect.objectContaining({ level: "info", event: "reply", code: "in_progress", thread_id: "t1" })]);
    await clock.advanceUntil(ended, 100);
    expect(log.map(({ event, request_id }) => [event, request_id])).toEqual([
      ["reply", log[1]?.request_id],
      ["request", expect.any(String)],
    ]);

    const quick = webhook(async () => {
      await wait(quick.clock, 9000);
      return "soon";
    }, TEXT);
    const stream = watch(await quick.ask("/stream"), quick.clock);
    await quick.clock.advanceUntil(stream.ended, 100);
    await quick.clock.advance(20_000);
    expect(quick.log.map(({ event }) => event)).toEqual(["request"]);
  });

  test("a request's line says where its reply was stored; if it is written already, that is a line of its own", () => {
    const log: LogRecord[] = [];
    const exchange = new Exchange("POST", "/", systemClock, (record) => log.push(record));
    exchange.stored(4);
    exchange.ended(200);
    exchange.stored(5);
    expect(log).toMatchObject([
      { event: "request", stored_seq: 4 },
      { event: "reply", message: "The reply was stored as message 5 of its thread." },
    ]);
  });

  test("a reply writes lines of its own, with the request's id", async () => {
    const log = await logged(({ log, requestId }) => {
      log(`looked up order 17 for ${requestId}`);
      return "";
    });
    const { request_id } = log[1] ?? {};
    expect(log[0]).toEqual({ level: "info", event: "reply", request_id, message: `looked up order 17 for ${request_id}` });
  });

  test("the cause of an error, the errors of an AggregateError, and a thrown object are logged", async () => {
    const cause = new Error("connect ECONNREFUSED 127.0.0.1:1", { cause: new Error("the innermost") });
    const texts = [
      describeError(new TypeError("fetch failed", { cause })),
      describeError(new AggregateError([new Error("first way"), new Error("second way")], "no way")),
      describeError({ message: "an object", status: 402 }),
      describeError("a string"),
      describeError(undefined),
      describeError(null),
      describeError({ stack: "Error: plain" }),
      describeError({ stack: "Error: outer", cause: { stack: "Error: inner" } }),
    ];
    expect(texts[0]).toMatch(/fetch failed.*Caused by: .*ECONNREFUSED.*Caused by: .*the innermost/s);
    expect(texts[1]).toMatch(/no way.*Caused by: .*first way.*Caused by: .*second way/s);
    expect(texts.slice(2)).toEqual([
      ...['a thrown object: {"message":"an object","status":402}', "a string", "undefined", "null"],
      ...["Error: plain", "Error: outer\nCaused by: Error: inner"],
    ]);
  });

  test("an error that is its own cause, is huge, or cannot be read is logged all the same", () => {
    const circular = new Error("round");
    circular.cause = circular;
    expect(describeError(circular).split("Caused by: Error: round")).toHaveLength(6);
    const log: LogRecord[] = [];
    const error = { level: "error", event: "reply", message: describeError(new Error("x".repeat(1_000_000))) } as const;
    withoutSecrets((record) => log.push(record), {})(error);
    expect(log[0]?.message).toHaveLength(10_000);
    const unreadable = new Proxy(
      {},
      {
        get: () => {
          throw new Error("no");
        },
      },
    );
    expect(describeError(unreadable)).toBe("what was thrown cannot be shown");
  });

  test("no secret of WEBHOOK_SECRETS is logged", async () => {
    const log: LogRecord[] = [];
    const env = { WEBHOOK_SECRETS: '{"app-1": "swordfish", "app-2": ["hunter22", "a\\"b4711"]}' };
    const message = 'swordfish hunter22 a"b4711 app-1';
    withoutSecrets((record) => log.push(record), env)({ level: "error", event: "reply", message });
    expect(log[0]?.message).toBe("[WEBHOOK_SECRETS] [WEBHOOK_SECRETS] [WEBHOOK_SECRETS] app-1");
  });

  test.each([
    ["as it is", "Headers.append: Bearer sk-4711\nx is an invalid value", "sk-4711\nx"],
    ["as JSON", 'got {"key":"Bearer a\\"b4711"}', 'a"b4711'],
    ["in a URL", "GET https://api.example/?key=a%2Fb4711", "a/b4711"],
    ["without white space around it", "bad key: 4711 4711!", " 4711 4711\n"],
  ])("a secret setting is never logged: %s", async (_, message, secret) => {
    const fail = () => {
      throw new Error(message);
    };
    const log = await logged(fail, { LLM_API_KEY: secret });
    expect(JSON.stringify(log)).not.toContain("4711");
    expect(log.find(({ code, event }) => event === "reply" && code === "reply_failed")?.message).toContain("[LLM_API_KEY]");
  });

  test("only secret settings are replaced, and only where they are long enough to be one", () => {
    const log: LogRecord[] = [];
    const env = {
      ...{ LLM_MODEL: "small", SHORT_KEY: "abc", MAX_TOKENS: "1000", TOKENIZE: "true", PWD: "/home/me", OLDPWD: "/home/me" },
      ...{ DB_PASSWORD: "hunter22", SHOP_TOKEN: "hunter22-and-more", DATABASE_URL: "postgres://me:swordfish@db/shop" },
      ...{ A_KEY: "wxyz", B_KEY: "123456-b", C_KEY: "c-true", D_KEY: "1234567", PADDED_KEY: "  an  ", BOUND_KEY: {} },
    };
    withoutSecrets(
      (record) => log.push(record),
      env,
    )({ level: "error", event: "reply", message: "small abc 1000 true hunter22-and-more hunter22 swordfish /home/me" });
    expect(log[0]?.message).toBe("small abc 1000 true [SHOP_TOKEN] [DB_PASSWORD] [DATABASE_URL] /home/me");
    withoutSecrets(
      (record) => log.push(record),
      env,
    )({ level: "error", event: "reply", message: "wxyz 123456-b c-true 1234567 an" });
    expect(log[1]?.message).toBe("[A_KEY] [B_KEY] [C_KEY] [D_KEY] an");
  });

  test.each([
    [
      true,
      ["WEBHOOK_SECRET", "llm_api_key", "SHOP_TOKEN", "DB_PASSWORD", "GOOGLE_CREDENTIALS", "SENTRY_DSN", "DB_PWD", "X_AUTH"],
    ],
    [false, ["PORT", "PWD", "DB_PWD_FILE", "X_AUTH_URL"]],
  ])("it is %s that these settings are secret: %s", (expected, names) => {
    for (const name of names) expect(isSecretName(name), name).toBe(expected);
  });

  test.each([
    ["error", "error"],
    ["warn", "warn"],
    ["info", "log"],
  ] as const)("a line of the level %s is printed with console.%s", (level, method) => {
    const request_id = "8272f89f-955f-40c1-93fb-0fefd28d7237";
    expect(printed({ level, event: "reply", code: "in_progress", request_id })).toEqual([
      [method, expect.stringMatching(/^\d\d:\d\d:\d\dZ {2}reply {2}in_progress {2}8272f89f-955f-40c1-93fb-0fefd28d7237$/)],
    ]);
  });

  test("a line for people shows what a request was about, with the time in UTC", () => {
    const uuid = "f62591a3-8934-47cc-bd16-e1e800212586";
    const record = { level: "info", event: "request", method: "POST", route: "/stream", status: 200, ms: 12 } as const;
    const facts = {
      request_id: "8272f89f-955f-40c1-93fb-0fefd28d7237",
      sender_form: "raw",
      signed_with: "previous",
      is_copy: true,
      stored_seq: 4,
      app_id: uuid,
      thread_id: "thread-1",
      message_id: "m1",
    } as const;
    expect(linesOf({ ...record, ...facts })).toEqual([
      expect.stringMatching(
        /^\d\d:\d\d:\d\dZ {2}POST {2}\/stream {2}200 {2}raw {2}previous secret {2}copy {2}stored as 4 {2}12 ms {2}app f62591a3… {2}thread thread-1 {2}message m1 {2}request 8272f89f…$/,
      ),
    ]);
  });

  test("an id that a stranger chose can move no cursor and forge no line", () => {
    const record = { level: "info", event: "request", method: "POST", route: "/", status: 200, ms: 1 } as const;
    const [line = ""] = linesOf({ ...record, app_id: "a  \x1b[2J", thread_id: 'x"\ny' });
    expect(line).toMatch(/ {2}app "a {2}\\u001b\[2J" {2}thread "x\\"\\ny"$/);
  });
}
