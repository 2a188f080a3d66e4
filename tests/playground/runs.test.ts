import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { answer, chunks } from "./raw-webhook.ts";
import { mainAppAndWebhook } from "./started.ts";

const { mainApp, webhook, chatWith } = await mainAppAndWebhook();

const REPLY = answer('{"reply":"text"}');
const SOON_MS = 150;

describe("/run", () => {
  test("fails, and loses the reply, if a message is added while it waits", async () => {
    const chat = chatWith([SOON_MS, ...REPLY]);
    const arrived = webhook.received();
    const running = chat.run();
    await arrived;
    expect((await chat.post('{"content":"in between"}')).status).toBe(200);
    expect(await running).toMatchObject({ status: 500, text: '{"detail":"ERROR_INTERNAL"}' });
    expect(chat.stored()).toEqual([{ seq: 3, role: "assistant", content: "in between" }]);
    webhook.answers(REPLY);
    expect((await chat.run()).json()).toMatchObject({ assistant_message: { seq: 4 } });
  });

  test("twice at once on one thread: one of them fails", async () => {
    const chat = chatWith([SOON_MS, ...REPLY]);
    const statuses = (await Promise.all([chat.run(), chat.run()])).map(({ status }) => status);
    expect(statuses.sort()).toEqual([200, 500]);
    expect(chat.stored()).toHaveLength(1);
  });

  test("goes on, and stores the reply, if its caller hangs up", async () => {
    const chat = chatWith([SOON_MS, ...REPLY]);
    const arrived = webhook.received();
    const caller = connect(mainApp.port, "127.0.0.1");
    caller.write(`POST ${chat.path}/run HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n`);
    await arrived;
    caller.destroy();
    await expect.poll(chat.stored).toEqual([{ seq: 3, role: "assistant", content: "text" }]);
  });

  test("waits while spaces come, and no longer than its time-out for the next byte", async () => {
    const chat = (timeoutMs: number) => mainApp.chat({ webhookUrl: webhook.url, timeoutMs });
    webhook.answers(
      chunks([" ", SOON_MS, " ", SOON_MS, " ", SOON_MS, " ", SOON_MS, '{"reply":"late"}'], { type: "application/json" }),
    );
    expect((await chat(3 * SOON_MS).run()).json()).toMatchObject({ status: "completed" });
    expect((await chat(0.5 * SOON_MS).run()).json()).toMatchObject({ status: "error", error: "Webhook timed out: " });
    await webhook.requests.at(-1)?.closed;
  });

  test.each([0, "8000", null])("with the time-out %o", async (timeoutMs) => {
    const chat = chatWith(REPLY, { timeoutMs });
    const { status, json } = await chat.run();
    expect([status, json()]).toEqual(
      timeoutMs === 0
        ? [200, { status: "error", assistant_message: null, error: "Webhook timed out: " }]
        : [500, { detail: "ERROR_INTERNAL" }],
    );
    const { chunks, whole } = await chat.stream();
    expect(whole).toBe(timeoutMs === 0);
    expect(chunks[1]).toEqual(whole ? expect.stringContaining("Webhook timed out: ") : undefined);
    expect(webhook.requests).toEqual([]);
    expect((await chat.test()).json()).toMatchObject({ ok: true });
  });
});

describe("/run/stream", () => {
  test("stores nothing, and is not disturbed by a message that is added while it waits", async () => {
    const chat = chatWith(chunks([SOON_MS, "event: done\ndata: {}\n\n"]));
    const arrived = webhook.received();
    const streaming = chat.stream();
    await arrived;
    await chat.post('{"content":"stored by the webhook"}');
    expect((await streaming).chunks.at(-1)).toBe("event: done\ndata: {}\n\n");
    expect(chat.stored()).toEqual([{ seq: 3, role: "assistant", content: "stored by the webhook" }]);
  });

  test("closes the connection to the webhook at once if its caller hangs up, also in a silent phase", async () => {
    const chat = chatWith(chunks([": first\n\n", 60_000]));
    const caller = connect(mainApp.port, "127.0.0.1");
    caller.write(`GET ${chat.path}/run/stream HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await new Promise<void>((resolve) => {
      caller.on("data", (data) => data.includes(": first") && resolve());
    });
    const leftAt = performance.now();
    caller.destroy();
    await webhook.requests[0]?.closed;
    expect(performance.now() - leftAt).toBeLessThan(1000);
  });

  test("breaks off after meta if the URL is refused", async () => {
    const { chunks, whole } = await mainApp.chat({ webhookUrl: "http://127.0.0.1:1" }).stream();
    expect(chunks).toEqual(['event: meta\ndata: {"source": "webhook"}\n\n']);
    expect(whole).toBe(false);
  });
});

describe("what a run sends", () => {
  const bodyOf = () => JSON.parse(webhook.requests[0]?.body ?? "");

  test("is the last user message, and the last ten messages", async () => {
    const chat = chatWith(REPLY, {}, "the question");
    for (let i = 1; i <= 11; i++) await chat.post(`{"content":"update ${i}"}`);
    await chat.run();
    expect(bodyOf().message).toMatchObject({ seq: 2, role: "user", content: "the question" });
    expect(bodyOf().history_tail).toHaveLength(10);
    expect(bodyOf().history_tail.at(-1)).toEqual({
      role: "assistant",
      content: "update 11",
      content_json: { source: "dashboard_agent" },
    });
    expect(bodyOf().timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?\+00:00$/);
  });

  test("has a stored null as an empty text", async () => {
    await chatWith(REPLY, {}, null).run();
    expect(bodyOf().message.content).toBe("");
  });

  test("is the same for both, on a connection of its own", async () => {
    const chat = mainApp.chat({ webhookUrl: webhook.url });
    const sent: string[] = [];
    for (const call of [chat.run, chat.stream]) {
      webhook.answers(answer("{}"));
      await call();
      const [{ head, body } = { head: "", body: "" }] = webhook.requests;
      const without = (text: string) =>
        text.replace(/"timestamp":"[^"]+"|X-(?:Timestamp|Signature): .*|Content-Length: .*/g, "");
      sent.push(without(head), without(body));
    }
    expect(sent.slice(0, 2)).toEqual(sent.slice(2));
  });

  test("is nothing without a user message", async () => {
    const { app } = chatWith(REPLY);
    const { thread } = mainApp.store.createThread(app.id);
    for (const [method, end] of [
      ["POST", "run"],
      ["GET", "run/stream"],
    ] as const) {
      const { status, text } = await mainApp.call(method, `/apps/${app.id}/threads/${thread.id}/${end}`);
      expect([status, text]).toEqual([400, '{"detail":"ERROR_NO_USER_MESSAGES"}']);
    }
    expect(webhook.requests).toEqual([]);
  });

  test.each([
    [{ mode: "simulator" }, {}],
    [{ mode: "anything" }, {}],
    [{ mode: "webhook", webhookUrl: "" }, { reason: "webhook_not_configured" }],
  ])("is nothing for the App %o: the simulator answers", async (fields, reason) => {
    const chat = chatWith(REPLY, fields, "a text of more than twenty characters");
    const content_json = { source: "simulator", ...reason };
    expect((await chat.run()).json()).toMatchObject({ assistant_message: { content_json } });
    const { chunks } = await chat.stream();
    expect(chunks[1]).toBe('event: delta\ndata: {"text": "Echo: a text of more"}\n\n');
    expect(chunks.at(-1)).toMatch(/^event: done\ndata: \{"status": "completed", "message_id": "[\da-f-]{36}", "seq": 4\}\n\n$/);
    expect(webhook.requests).toEqual([]);
  });

  test.each(["webhook_sync", "webhook_async", "hybrid"])("is sent in mode %s, too", async (mode) => {
    expect((await chatWith(REPLY, { mode }).run()).json()).toMatchObject({ status: "completed" });
    expect(webhook.requests).toHaveLength(1);
  });
});

describe("what a run saw", () => {
  test("is told as it happens: the request, each read, the answer, and what the caller got", async () => {
    const delta = 'event: delta\ndata: {"text":"é"}\n\n';
    mainApp.events.length = 0;
    await chatWith(chunks([delta, SOON_MS, "event: done\ndata: {}\n\n"]), {}, "café").stream();
    await expect.poll(() => mainApp.events.at(-1)?.type).toBe("end");
    expect(mainApp.events.map(({ type }) => type)).toEqual(["request", "read", "result", "read", "result", "answer", "end"]);
    const [request, ...reads] = mainApp.events;
    if (request?.type !== "request") throw new Error("no request");
    const [received] = webhook.requests;
    expect(Buffer.from(request.bytes).toString()).toBe(`${received?.head}\r\n\r\n${received?.body}`);
    expect(Buffer.from(request.signed ?? []).toString()).toMatch(/^\d{10}\.\{"version".*caf\\u00e9/);
    const times = reads.flatMap((event) => (event.type === "read" ? [event.atMs] : []));
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(SOON_MS - 20);
    expect(mainApp.events).toContainEqual(expect.objectContaining({ type: "read", bytes: new Uint8Array(Buffer.from(delta)) }));
  });

  test("is that nothing was called, and why", async () => {
    for (const fields of [{ webhookUrl: "http://10.0.0.1/" }, { webhookUrl: webhook.url, timeoutMs: null }]) {
      mainApp.events.length = 0;
      const chat = mainApp.chat(fields);
      expect((await chat.run()).status).toBe(500);
      const place = { route: "run", appId: chat.app.id, threadId: chat.thread.id };
      expect(mainApp.events).toMatchObject([{ type: "not called", reason: expect.any(String), ...place }]);
    }
  });

  test("says why the caller got a 500", async () => {
    mainApp.events.length = 0;
    await chatWith(answer("[1]")).run();
    expect(mainApp.events.at(-1)).toMatchObject({ type: "end", error: expect.stringContaining("no object") });
  });
});
