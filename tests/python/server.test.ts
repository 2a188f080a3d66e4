import { once } from "node:events";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { describe, expect, test } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { readSettings } from "../../shared/settings.ts";
import { pythonServer } from "../http/servers.ts";
import { sendTo } from "../support/http-target.ts";
import { inProcess } from "../support/in-process-target.ts";
import { payload, SMOKE_BODY } from "../support/payload.ts";
import { type Sending, signedRequest, unsigned } from "../support/signing.ts";
import { jsonOf, textOf } from "../support/target.ts";
import { RECORDED_AT } from "../support/vectors.ts";
import { launch, PYTHON, rawAnswer, start, stop } from "./start.ts";

const HELLO = JSON.stringify(payload("hello"));
const ask = (port: number, path = "/", content = "user's text") =>
  sendTo(port, unsigned(JSON.stringify(payload(content)), { path }));
const get = (port: number, path: string) => sendTo(port, unsigned("", { method: "GET", path }));
const post = (target: string, version = "1.1", more = "") =>
  `POST ${target} HTTP/${version}\r\nContent-Type: application/json\r\nContent-Length: ${HELLO.length}\r\n${more}\r\n`;

describe("the process", () => {
  test("passes the main app's smoke test: up within 5 s, Echo: hello within 2 s, gone within 3 s of SIGTERM", async () => {
    const before = performance.now();
    const { port, child } = await start();
    const started = performance.now();
    const headers = { "Accept-Encoding": "identity", Connection: "close" };
    expect(textOf(await sendTo(port, unsigned(SMOKE_BODY, { headers })))).toBe('{"reply":"Echo: hello"}');
    const answered = performance.now();
    expect(await stop(child, "SIGTERM")).toBe(0);
    expect([started - before < 5000, answered - started < 2000, performance.now() - answered < 3000]).toEqual([
      true,
      true,
      true,
    ]);
  });

  test("is reached at 127.0.0.1 and, where there is one, at ::1", async () => {
    const { port } = await start();
    expect(await rawAnswer(port, post("/") + HELLO)).toMatch(/Echo: hello/);
    const hasIpv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === "::1"));
    if (hasIpv6) expect(await rawAnswer(port, post("/") + HELLO, "::1")).toMatch(/Echo: hello/);
  });

  test.each(["SIGTERM", "SIGINT"] as const)("ends within 1 s of %s while a reply is under way", async (signal) => {
    const { port, child } = await start({}, "server.reply = lambda payload: threading.Event().wait()");
    const socket = connect(port, "127.0.0.1").on("error", () => {});
    socket.write(post("/stream") + HELLO);
    await once(socket, "data");
    const before = performance.now();
    expect(await stop(child, signal)).toBe(0);
    expect(performance.now() - before).toBeLessThan(1000);
  });

  test("says in one sentence that its port is in use, or is none, and ends with 1", async () => {
    const { port } = await start();
    for (const [wrong, says] of [
      [String(port), `Port ${port} is in use. Stop what uses it, or choose another: PORT=8083 python server.py\n`],
      ["70000", "PORT must be a number from 1 to 65535.\n"],
    ] as const) {
      const child = launch(PYTHON, ["server.py"], { PORT: wrong });
      let output = "";
      for (const stream of [child.stdout, child.stderr]) stream?.on("data", (data) => (output += data));
      expect(await once(child, "close")).toEqual([1, null]);
      expect(output).toBe(says);
    }
  });

  test("outlives the readers of its log", async () => {
    const { port, child } = await start(
      {},
      "real = server.reply\nserver.reply = lambda p: real(p) if 'x' in str(p) else 1 / 0",
    );
    child.stdout?.destroy();
    child.stderr?.destroy();
    for (let message = 0; message < 3; message++) {
      expect(jsonOf(await ask(port, "/", "x"))).toEqual({ reply: "Echo: x" });
      expect((await ask(port, "/", "fails")).status).toBe(500);
    }
  });

  test("writes each line of its log in one piece, however many threads write", async () => {
    const many = "for _ in range(8): threading.Timer(0.5, lambda: [server.log('a', 'b') for _ in range(2000)]).start()";
    const { output } = await start({}, `sys.setswitchinterval(1e-6)\n${many}`);
    await expect.poll(() => output().match(/a {2}b/g)?.length, { timeout: 20_000 }).toBe(16_000);
    expect(output().match(/^[0-9:]{8} {2}a {2}b$/gm)).toHaveLength(16_000);
  });

  test("prints the mode, what looks like a mistake, and the URLs; the page shows the same, and /health the version", async () => {
    const { port, output } = await start({ WEBHOOK_SECRET: " padded " });
    const { warnings } = readSettings({ WEBHOOK_SECRET: " padded " });
    const lines = [
      `replyhook listens on http://localhost:${port}`,
      "  mode      signed: messages without a valid signature are refused",
      ...warnings.map((warning) => `  warning   ${warning}`),
      "  paste into the dashboard as Webhook URL",
      `  chat      http://localhost:${port}/stream`,
      `  /run      http://localhost:${port}/`,
    ].join("\n");
    expect(warnings).toHaveLength(2);
    expect(output()).toBe(`${lines}\n`);
    expect(textOf(await get(port, "/"))).toContain(`<pre>${lines}</pre>`);
    expect(jsonOf(await get(port, "/health"))).toEqual({ status: "ok", version: packageJson.version });
  });

  test("is never unsigned because of a setting that it does not read", async () => {
    const { port } = await start({ WEBHOOK_SECRETS: '{"a":"b"}' });
    expect(jsonOf(await ask(port)).code).toBe("not_configured");
  });
});

describe("HTTP", () => {
  test("gives the same bytes as the TypeScript core for every refusal that both know", async () => {
    const env = { WEBHOOK_SECRET: "s", WEBHOOK_SECRET_PREVIOUS: "before" };
    const core = inProcess(env, RECORDED_AT);
    const { target, stop: stopServer } = await pythonServer.start(env);
    const signed = (body: string | Uint8Array<ArrayBuffer>, more: Sending & { at?: number | string; secret?: string } = {}) =>
      signedRequest(more.secret ?? "s", more.at ?? RECORDED_AT, body, more);
    const without = (...names: string[]) => signed(HELLO, { headers: Object.fromEntries(names.map((name) => [name, null])) });
    const many = HELLO.replace("{", `{"history_tail":[${"{},".repeat(40)}5],`);
    const large = HELLO.replace('"t1"', '""').replace('"hello"', `5,"x":"${"x".repeat(70_000)}"`);
    for (const [code, request] of [
      [undefined, signed(HELLO, { secret: "before" })],
      [undefined, signed(HELLO.replace("{", `{"n":${"9".repeat(5000)},"s":"\\ud800",`))],
      ["signature_missing", without("X-Signature", "X-Timestamp")],
      ["timestamp_missing", without("X-Timestamp")],
      ["signature_malformed", signed(HELLO, { headers: { "X-Signature": "sha256=" } })],
      ["timestamp_malformed", signed(HELLO, { at: "1e9" })],
      ["timestamp_outside_tolerance", signed(HELLO, { at: RECORDED_AT - 340 })],
      ["signature_mismatch", signed(HELLO, { secret: "another" })],
      ["body_not_utf8", signed(Uint8Array.of(0x22, 0xff, 0x22))],
      ["body_not_json", signed('{"event":-Infinity}')],
      ["body_not_json", signed('"\\ud8zz"')],
      ["payload_invalid", signed(many)],
      ["payload_invalid", signed(large)],
      ["event_unsupported", signed('{"event":"message_deleted"}')],
      ["content_type_unsupported", signed(HELLO, { headers: { "Content-Type": "text/plain" } })],
      ["body_too_large", signed("x".repeat(1_048_577))],
      ["not_found", signed(HELLO, { path: "/other" })],
      ["method_not_allowed", signed(HELLO, { method: "PUT", path: "/stream" })],
    ] as const) {
      const [python, wanted] = [await target.send(await request), await core.send(await request)];
      expect([python.status, textOf(python)]).toEqual([wanted.status, textOf(wanted)]);
      expect(jsonOf(python).code).toBe(code);
      for (const name of ["content-type", "cache-control", "allow"])
        expect([code, python.headers.get(name)]).toEqual([code, wanted.headers.get(name)]);
    }
    await stopServer();
  });

  test("takes a full URL as target, and Expect in any case", async () => {
    const { port } = await start();
    for (const target of [`http://localhost:${port}/?x#y`, `HTTP://u@[::1]:${port}?/stream`]) {
      expect(await rawAnswer(port, post(target) + HELLO)).toMatch(/^HTTP\/1\.1 200 OK\r\n.*Echo: hello"}$/s);
    }
    const socket = connect(port, "127.0.0.1");
    socket.write(post("/", "1.1", "Expect: 100-CONTINUE\r\n"));
    expect(String((await once(socket, "data"))[0])).toBe("HTTP/1.1 100 Continue\r\n\r\n");
    socket.end(HELLO);
    expect(String((await once(socket, "data"))[0])).toMatch(/^HTTP\/1\.1 200 OK/);
  });

  test("streams without chunks to an HTTP/1.0 client", async () => {
    const { port } = await start();
    const answer = await rawAnswer(port, post("/stream", "1.0") + HELLO);
    expect(answer).not.toMatch(/transfer-encoding/i);
    expect(answer).toMatch(/\r\n\r\n: still here\n\nevent: delta\n.*\n\nevent: done\ndata: {"status":"completed"}\n\n$/);
  });

  test("refuses a chunked body and a length that is no number with 411, and what is not HTTP with a bare 4xx", async () => {
    const { port } = await start();
    const head = "POST / HTTP/1.1\r\nContent-Type: application/json\r\n";
    for (const framing of ["Transfer-Encoding: chunked", "Content-Length: -1", "Content-Length: 3\r\nContent-Length: 3"])
      expect(await rawAnswer(port, `${head}${framing}\r\n\r\n`)).toMatch(
        /^HTTP\/1.1 411 .*{"code":"length_required","detail":/s,
      );
    for (const bytes of ["card 4242\r\n\r\n", "POST / CARD/4242\r\n\r\n", `${head}${"X: 4242\r\n".repeat(200)}\r\n`])
      expect(await rawAnswer(port, bytes)).toMatch(/^HTTP\/1.1 4(?:00|31) (?:(?!4242).)*\r\n\r\n$/s);
    expect(jsonOf(await ask(port, "/", "still here"))).toEqual({ reply: "Echo: still here" });
  });

  test("gives up a body that stays away, or comes in drops, with 408", async () => {
    const { port } = await start({}, "server.MAX_BODY_SECONDS = 0.3");
    expect(await rawAnswer(port, post("/"))).toMatch(/^HTTP\/1.1 408 .*{"code":"body_too_slow","detail":/s);
    const socket = connect(port, "127.0.0.1").on("error", () => {});
    socket.write(post("/"));
    const drops = setInterval(() => socket.write("x"), 20);
    expect(String((await once(socket, "data"))[0])).toMatch(/^HTTP\/1.1 408 /);
    clearInterval(drops);
    socket.destroy();
  });

  test("a sender of 8 MiB gets its 413 although it reads only when all is sent", async () => {
    const { port } = await start();
    const head = `POST / HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: ${8 * 1_048_576}\r\n\r\n`;
    expect(await rawAnswer(port, head + "x".repeat(8 * 1_048_576))).toMatch(/^HTTP\/1\.1 413 .*"code":"body_too_large"/s);
  });
});
