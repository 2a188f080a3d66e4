import { once } from "node:events";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { pythonServer } from "../http/servers.ts";
import { sendTo } from "../support/http-target.ts";
import { inProcess } from "../support/in-process-target.ts";
import { SMOKE_BODY } from "../support/payload.ts";
import { type Sending, signedRequest, unsigned } from "../support/signing.ts";
import { jsonOf, textOf } from "../support/target.ts";
import { RECORDED_AT } from "../support/vectors.ts";
import { HELLO, post, rawAnswer, start, stop } from "./start.ts";

describe("the process", () => {
  // Its limits are 5 s to be up, 2 s to answer (a promise of the contract suite) and 3 s to end.
  test("passes the main app's smoke test at 127.0.0.1, and answers at ::1 where there is one", { timeout: 3000 }, async () => {
    const { port, child } = await start();
    const headers = { "Accept-Encoding": "identity", Connection: "close" };
    expect(textOf(await sendTo(port, unsigned(SMOKE_BODY, { headers })))).toBe('{"reply":"Echo: hello"}');
    if (Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === "::1")))
      expect(await rawAnswer(port, post("/") + HELLO, "::1")).toMatch(/Echo: hello/);
    expect(await stop(child, "SIGTERM")).toBe(0);
  });

  test.each(["SIGTERM", "SIGINT"] as const)("ends at once on %s, also during a reply", { timeout: 3000 }, async (signal) => {
    const { port, child } = await start({}, "server.reply = lambda payload: threading.Event().wait()");
    const socket = connect(port, "127.0.0.1").on("error", () => {});
    socket.write(post("/stream") + HELLO);
    await once(socket, "data");
    expect(await stop(child, signal)).toBe(0);
  });

  test("says in one sentence that it cannot listen and what to do, and ends with 1", async () => {
    const { port } = await start();
    const sentence = /^ended with 1: Cannot listen on port \w+: .*: PORT=8083 python server.py\n$/;
    for (const PORT of [String(port), "70000", "http"]) await expect(start({ PORT })).rejects.toThrow(sentence);
  });

  test("outlives the reader of its log", async () => {
    const { port, child } = await start({}, "server.reply = lambda payload: 1 / 0");
    child.stdout?.destroy();
    child.stderr?.destroy();
    for (let message = 0; message < 3; message++) expect(await rawAnswer(port, post("/") + HELLO)).toMatch(/"reply_failed"/);
  });

  test("prints the mode, whether it stores, and the URLs; the page shows the same, and /health the version", async () => {
    const { port, output } = await start({ WEBHOOK_SECRET: "s", BACKEND_URL: "https://example.com" });
    const lines = output();
    expect(lines).toBe(`replyhook listens on http://localhost:${port}
  mode      signed: messages without a valid signature are refused
  storing   on
  paste into the dashboard as Webhook URL
  chat      http://localhost:${port}/stream
  /run      http://localhost:${port}/
`);
    expect(await rawAnswer(port, "GET / HTTP/1.1\r\n\r\n")).toContain(`<pre>${lines.trim()}</pre>`);
    expect(await rawAnswer(port, "GET /health HTTP/1.1\r\n\r\n")).toContain(packageJson.version);
  });

  test("WEBHOOK_SECRETS alone sign; those that cannot be read refuse every message, which the start says", async () => {
    const env = { WEBHOOK_SECRETS: '{"test-app": "s"}', BACKEND_URL: "https://example.com" };
    const { port, output } = await start(env);
    expect(output()).toMatch(/^ {2}mode {6}signed: .*\n {2}storing {3}on$/m);
    const now = Math.floor(Date.now() / 1000);
    expect((await sendTo(port, unsigned(HELLO))).status).toBe(401);
    expect((await sendTo(port, await signedRequest("s", now, HELLO, { headers: { "X-App-Id": "test-app" } }))).status).toBe(
      200,
    );
    for (const wrong of [
      "{",
      "[]",
      "null",
      '{"a":1}',
      '{"a":""}',
      '{"a":[]}',
      '{"a":["1","2","3"]}',
      '{"a":{}}',
      " ",
      "[".repeat(9e4),
    ]) {
      const { port, output } = await start({ WEBHOOK_SECRET: "s", WEBHOOK_SECRETS: wrong });
      expect(output()).toContain("  mode      not configured: every message is refused until WEBHOOK_SECRETS can be read");
      const answers = [await sendTo(port, unsigned(HELLO)), await sendTo(port, await signedRequest("s", now, HELLO))];
      for (const answer of answers) expect([answer.status, jsonOf(answer).code]).toEqual([503, "not_configured"]);
    }
  });
});

describe("HTTP", () => {
  test("gives the same bytes as the TypeScript core for every refusal that both know", async () => {
    const env = { WEBHOOK_SECRET: "s", WEBHOOK_SECRET_PREVIOUS: "before" };
    const core = inProcess(env, RECORDED_AT);
    const { target, stop: stopServer } = await pythonServer.start(env);
    const signed = (body: string | Uint8Array<ArrayBuffer>, more: Sending & { at?: number | string; secret?: string } = {}) =>
      signedRequest(more.secret ?? "s", more.at ?? RECORDED_AT, body, more);
    const headers = (given: Record<string, string | null>) => signed(HELLO, { headers: given });
    const many = HELLO.replace("{", `{"history_tail":[${"{},".repeat(40)}5],`);
    const large = HELLO.replace('"t1"', '""').replace('"hello"', `5,"x":"${"x".repeat(70_000)}"`);
    for (const [code, request] of [
      ["Echo: hello", signed(HELLO, { secret: "before" })],
      ["Echo: hello", signed(HELLO.replace("{", `{"n":${"9".repeat(5000)},"s":"\\ud800",`))],
      ["signature_missing", headers({ "X-Signature": null, "X-Timestamp": null })],
      ["timestamp_missing", headers({ "X-Timestamp": null })],
      ["signature_malformed", headers({ "X-Signature": "sha256=" })],
      ["timestamp_malformed", signed(HELLO, { at: "1e9" })],
      ["timestamp_outside_tolerance", signed(HELLO, { at: RECORDED_AT - 340 })],
      ["signature_mismatch", signed(HELLO, { secret: "another" })],
      ["body_not_utf8", signed(Uint8Array.of(0x22, 0xff, 0x22))],
      ["body_not_json", signed('{"event":-Infinity}')],
      ["body_not_json", signed('"\\ud8zz"')],
      ["payload_invalid", signed(many)],
      ["payload_invalid", signed(large)],
      ["event_unsupported", signed('{"event":"message_deleted"}')],
      ["content_type_unsupported", headers({ "Content-Type": "text/plain" })],
      ["body_too_large", signed("x".repeat(1_048_577))],
      ["not_found", signed(HELLO, { path: "/other" })],
      ["method_not_allowed", signed(HELLO, { method: "PUT", path: "/stream" })],
    ] as const) {
      const [python, wanted] = [await target.send(await request), await core.send(await request)].map((answer) => [
        answer.status,
        textOf(answer),
        ["content-type", "cache-control", "allow"].map((name) => answer.headers.get(name)),
      ]);
      expect(python).toEqual(wanted);
      expect(python?.[1]).toContain(code);
    }
    await stopServer();
  });

  test("takes a full URL as target, and Expect in any case", async () => {
    const { port } = await start();
    for (const target of [`http://localhost:${port}/?x`, `HTTP://u@[::1]:${port}?/stream`])
      expect(await rawAnswer(port, post(target) + HELLO)).toMatch(/^HTTP\/1\.1 200 OK\r\n.*Echo: hello"}$/s);
    const head = post("/").replace("\r\n\r\n", "\r\nExpect: 100-CONTINUE\r\n\r\n");
    expect(await rawAnswer(port, head + HELLO)).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
  });

  test("refuses a chunked body and a length that is no number with 411, and what is not HTTP with a bare 400", async () => {
    const { port, output } = await start();
    const head = "POST / HTTP/1.1\r\nContent-Type: application/json\r\n";
    for (const framing of ["Transfer-Encoding: chunked", "Content-Length: -1", "Content-Length: 3\r\nContent-Length: 3"])
      expect(await rawAnswer(port, `${head}${framing}\r\n\r\n`)).toMatch(/^HTTP\/1.1 411 .*"length_required"/s);
    for (const bytes of ["card 4242\r\n\r\n", "POST / CARD/4242\r\n\r\n", `${head}${"X: 4242\r\n".repeat(200)}\r\n`])
      expect(await rawAnswer(port, bytes)).toBe("HTTP/1.1 400 Bad Request\r\n\r\n");
    expect(output()).not.toContain("4242");
  });

  test("gives up a body that stays away, or comes in drops, with 408", async () => {
    const { port } = await start({}, "server.MAX_BODY_SECONDS = 0.3");
    for (const drop of ["", "x"]) {
      const socket = connect(port, "127.0.0.1").on("error", () => {});
      socket.write(post("/"));
      const drops = setInterval(() => socket.write(drop), 20);
      expect(String((await once(socket, "data"))[0])).toMatch(/^HTTP\/1.1 408 /);
      clearInterval(drops);
      socket.destroy();
    }
  });

  test("a sender of 8 MiB gets its 413 although it reads only when all is sent", async () => {
    const { port } = await start();
    const socket = connect(port, "127.0.0.1").pause();
    await new Promise((sent) => socket.write(post("/", 8_388_608) + "x".repeat(8_388_608), sent));
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 413 .*"body_too_large"/s);
  });
});
