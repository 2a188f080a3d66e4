import { type ChildProcess, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { connect } from "node:net";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { freePort } from "../../local/port.ts";
import { createApp } from "../../shared/app.ts";
import { readSettings } from "../../shared/settings.ts";
import { APP_ID, PARTNER_SECRET, startMainApp, THREAD_ID } from "../support/main-app-stand-in.ts";

const SERVER = fileURLToPath(new URL("../../examples/webhook-python/server.py", import.meta.url));
const PYTHON = process.env.PYTHON || "python3";
const SECRET = "whsec_python_test";
const VECTOR_TIME = 1_795_458_800;

interface Vector {
  name: string;
  secret: string | null;
  headers: [string, string][];
  body_base64: string;
}
const vectors = ["main-app-requests.json", "main-app-requests-older-client.json"].flatMap(
  (name) => JSON.parse(readFileSync(new URL(`../vectors/${name}`, import.meta.url), "utf8")) as Vector[],
);

interface Webhook {
  port: number;
  process: ChildProcess;
  output(): string;
}
interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}
interface Sent {
  path?: string;
  method?: string;
  headers?: Record<string, string | string[]>;
  body?: Uint8Array | string;
}

const running = new Set<ChildProcess>();
afterEach(async () => {
  await Promise.all([...running].map((child) => stop(child, "SIGKILL")));
});

/** Starts the real process. `python` runs after the module was imported as `server` and before it listens. */
async function start(env: Record<string, string> = {}, python?: string): Promise<Webhook> {
  const port = await freePort();
  const child = launch({ ...env, PORT: String(port) }, python);
  let output = "";
  const ready = new Promise<void>((resolve, reject) => {
    const collect = (data: Buffer) => {
      output += data;
      if (output.includes(`/run      http://localhost:${port}/`)) resolve();
    };
    child.stdout?.on("data", collect);
    child.stderr?.on("data", collect);
    child.once("exit", (code) => reject(new Error(`the webhook ended with ${code}: ${output}`)));
  });
  await ready;
  return { port, process: child, output: () => output };
}

function launch(env: Record<string, string>, python?: string): ChildProcess {
  const program = `import sys\nsys.path.insert(0, ${JSON.stringify(dirname(SERVER))})\nimport server\n${python}\nserver.main()\n`;
  const child = spawn(PYTHON, python === undefined ? [SERVER] : ["-c", program], {
    env: { PATH: process.env.PATH ?? "", PYTHONDONTWRITEBYTECODE: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  child.once("exit", () => running.delete(child));
  return child;
}

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const ended = once(child, "exit");
  child.kill(signal);
  return (await ended)[0] as number | null;
}

function send(port: number, { path = "/", method = "POST", headers = {}, body = "" }: Sent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: "127.0.0.1", port, path, method, headers }, (response) => {
      const pieces: Buffer[] = [];
      response.on("data", (piece: Buffer) => pieces.push(piece));
      response.on("end", () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(pieces).toString() });
      });
      response.on("error", reject);
    });
    request.on("error", reject);
    request.end(body);
  });
}

function payload(content: unknown = "hello", thread = "t1"): string {
  return JSON.stringify({ event: "message_received", app: { id: "a1" }, thread: { id: thread }, message: { content } });
}

const JSON_TYPE = { "Content-Type": "application/json" };

function signed(body: Uint8Array | string, timestamp = String(Math.floor(Date.now() / 1000)), secret = SECRET) {
  const digest = createHmac("sha256", secret).update(`${timestamp}.`).update(body).digest("hex");
  return { ...JSON_TYPE, "X-Timestamp": timestamp, "X-Signature": `sha256=${digest}` };
}

/** The text of a streamed answer, from events that are all whole. */
function streamedText(body: string): string {
  return [...body.matchAll(/^event: delta\ndata: (.*)\n\n/gm)].map(([, data]) => JSON.parse(data as string).text).join("");
}

describe("the main app's real requests", () => {
  const secrets = [...new Set(vectors.map(({ secret }) => secret ?? ""))];
  const atVectorTime = `import time\ntime.time = lambda: ${VECTOR_TIME}`;
  const parts = ({ headers, body_base64 }: Vector) => {
    const kept = headers.filter(([name]) => !["Host", "Connection", "Content-Length"].includes(name));
    return { headers: Object.fromEntries(kept), body: Buffer.from(body_base64, "base64") };
  };

  test("all 105 are accepted on both routes, with the text they carry", async () => {
    expect(vectors).toHaveLength(105);
    for (const secret of secrets) {
      const { port } = await start({ WEBHOOK_SECRET: secret }, atVectorTime);
      const check = async (vector: Vector) => {
        const sent = parts(vector);
        const echo = `Echo: ${JSON.parse(sent.body.toString()).message.content}`.replaceAll("\0", "");
        const json = await send(port, sent);
        expect([json.status, json.body], vector.name).toEqual([200, JSON.stringify({ reply: echo })]);
        const stream = await send(port, { ...sent, path: "/stream" });
        const isStream = stream.headers["content-type"] === "text/event-stream; charset=utf-8";
        expect(isStream ? streamedText(stream.body) : JSON.parse(stream.body).reply, vector.name).toBe(echo);
      };
      await Promise.all(vectors.filter((each) => (each.secret ?? "") === secret).map(check));
    }
  }, 30_000);

  test("each signed one is refused with one bit of its timestamp, signature or body changed", async () => {
    let refused = 0;
    for (const secret of secrets.filter(Boolean)) {
      const { port } = await start({ WEBHOOK_SECRET: secret }, atVectorTime);
      for (const vector of vectors.filter((each) => (each.secret ?? "") === secret)) {
        const { headers, body } = parts(vector);
        const flipped = (text: string) => text.slice(0, -1) + (Number.parseInt(text.slice(-1), 16) ^ 1).toString(16);
        const changedBody = Buffer.from(body);
        const middle = body.length >> 1;
        changedBody.writeUInt8(body.readUInt8(middle) ^ 1, middle);
        for (const changed of [
          { headers: { ...headers, "X-Timestamp": flipped(headers["X-Timestamp"] as string) }, body },
          { headers: { ...headers, "X-Signature": flipped(headers["X-Signature"] as string) }, body },
          { headers, body: changedBody },
        ]) {
          const answer = await send(port, changed);
          expect([answer.status, JSON.parse(answer.body).code], vector.name).toEqual([401, "signature_mismatch"]);
          refused++;
        }
      }
    }
    expect(refused).toBe(80 * 3);
  }, 30_000);
});

describe("the same answers as the TypeScript core", () => {
  const now = Math.floor(Date.now() / 1000);
  const body = payload("é\ud800\0");
  const good = signed(body);
  const withBody = (text: string | Uint8Array): Sent => ({ headers: signed(text), body: text });
  const without = (name: string) => Object.fromEntries(Object.entries(good).filter(([key]) => key !== name));
  const cases: Record<string, [status: number, code: string | undefined, sent: Sent]> = {
    "an accepted message": [200, undefined, { headers: good, body }],
    "signature missing": [401, "signature_missing", { headers: without("X-Signature"), body }],
    "signature empty": [401, "signature_missing", { headers: { ...good, "X-Signature": "" }, body }],
    "both headers missing": [401, "signature_missing", { headers: JSON_TYPE, body }],
    "timestamp missing": [401, "timestamp_missing", { headers: without("X-Timestamp"), body }],
    "another prefix": [401, "signature_malformed", { headers: { ...good, "X-Signature": `sha1=${"a".repeat(64)}` }, body }],
    "63 digits": [401, "signature_malformed", { headers: { ...good, "X-Signature": `sha256=${"a".repeat(63)}` }, body }],
    "signature sent twice": [
      401,
      "signature_malformed",
      { headers: { ...good, "X-Signature": [good["X-Signature"], good["X-Signature"]] }, body },
    ],
    "timestamp sent twice": [
      401,
      "timestamp_malformed",
      { headers: { ...good, "X-Timestamp": [good["X-Timestamp"], good["X-Timestamp"]] }, body },
    ],
    "timestamp with exponent": [401, "timestamp_malformed", { headers: signed(body, "1e9"), body }],
    "timestamp with a sign": [401, "timestamp_malformed", { headers: signed(body, `+${now}`), body }],
    milliseconds: [401, "timestamp_malformed", { headers: signed(body, `${now}000`), body }],
    "340 s old": [401, "timestamp_outside_tolerance", { headers: signed(body, `${now - 340}`), body }],
    "340 s ahead": [401, "timestamp_outside_tolerance", { headers: signed(body, `${now + 340}`), body }],
    "260 s old": [200, undefined, { headers: signed(body, `${now - 260}`), body }],
    "260 s ahead": [200, undefined, { headers: signed(body, `${now + 260}`), body }],
    "another secret": [401, "signature_mismatch", { headers: signed(body, `${now}`, "other"), body }],
    "the secret before rotation": [200, undefined, { headers: signed(body, `${now}`, "before"), body }],
    "invalid UTF-8": [400, "body_not_utf8", withBody(Buffer.from([0x22, 0xff, 0x22]))],
    "no body": [400, "body_not_json", withBody("")],
    "a byte order mark": [400, "body_not_json", withBody(`\ufeff${body}`)],
    NaN: [400, "body_not_json", withBody('{"event":NaN}')],
    "-Infinity": [400, "body_not_json", withBody('{"event":-Infinity}')],
    null: [422, "payload_invalid", withBody("null")],
    "an empty object": [422, "payload_invalid", withBody("{}")],
    "content is a number": [422, "payload_invalid", withBody(payload(5))],
    "an empty thread id": [422, "payload_invalid", withBody(payload("x", ""))],
    "history of many wrong entries": [
      422,
      "payload_invalid",
      withBody(body.replace("{", `{"history_tail":[${"{},".repeat(40)}5],`)),
    ],
    "a large body with two errors": [
      422,
      "payload_invalid",
      withBody(payload(5, "").replace("{", `{"x":"${"x".repeat(70_000)}",`)),
    ],
    "another event": [422, "event_unsupported", withBody('{"event":"message_deleted"}')],
    "a number of 5000 digits": [200, undefined, withBody(body.replace("{", `{"n":${"9".repeat(5000)},`))],
    "duplicate keys": [200, undefined, withBody(body.replace('"message":', '"message":5,"message":'))],
    "1 MiB": [200, undefined, withBody(payload("x".repeat(1_048_576 - payload("").length)))],
    "over 1 MiB": [413, "body_too_large", withBody(payload("x".repeat(1_048_577 - payload("").length)))],
    "over 1 MiB, in chunks": [
      413,
      "body_too_large",
      { headers: { ...good, "Transfer-Encoding": "chunked" }, body: "x".repeat(2_000_000) },
    ],
    "in chunks": [200, undefined, { headers: { ...good, "Transfer-Encoding": "chunked" }, body }],
    "another content type": [415, "content_type_unsupported", { headers: { ...good, "Content-Type": "text/plain" }, body }],
    "another path": [404, "not_found", { path: "/other", headers: good, body }],
    "GET on the stream": [405, "method_not_allowed", { path: "/stream", method: "GET" }],
    DELETE: [405, "method_not_allowed", { method: "DELETE" }],
    "POST on health": [405, "method_not_allowed", { path: "/health", headers: good, body }],
    health: [200, undefined, { path: "/health", method: "GET" }],
    "the page as JSON": [200, undefined, { method: "GET", headers: { Accept: "application/json" } }],
  };

  test("for every code, status, detail and header", async () => {
    const env = { WEBHOOK_SECRET: SECRET, WEBHOOK_SECRET_PREVIOUS: "before" };
    const core = createApp({ env, log: () => {} });
    const { port, output } = await start(env);
    for (const [name, [status, code, sent]] of Object.entries(cases)) {
      const { path = "/", method = "POST", headers = {}, body = null } = sent;
      const init = { method, headers: Object.entries(headers).flatMap(([key, value]) => [value].flat().map((v) => [key, v])) };
      const request = new Request(`http://localhost${path}`, { ...init, body } as RequestInit);
      const wanted = await core.fetch(request);
      const answer = await send(port, sent);
      expect([answer.status, JSON.parse(answer.body).code], name).toEqual([status, code]);
      expect([answer.status, answer.body], name).toEqual([wanted.status, await wanted.text()]);
      for (const header of ["content-type", "allow", "cache-control"]) {
        expect(answer.headers[header] ?? null, `${name}: ${header}`).toBe(wanted.headers.get(header));
      }
    }
    for (const unsaid of [SECRET, "before", "sha256=", "é", "/other", "message_deleted"]) {
      expect(output()).not.toContain(unsaid);
    }
  }, 30_000);

  test("when a signature is required and no secret is set", async () => {
    const { port } = await start({ REQUIRE_SIGNATURE: "true" });
    const answer = await send(port, { headers: JSON_TYPE, body });
    expect([answer.status, JSON.parse(answer.body).code]).toEqual([503, "not_configured"]);
  });

  test("where Accept and the thread decide between JSON and a stream", async () => {
    const core = createApp({ env: {}, log: () => {} });
    const { port } = await start();
    for (const path of ["/", "/stream"]) {
      for (const thread of ["t1", "00000000-0000-0000-0000-000000000000"]) {
        for (const accept of [
          "*/*",
          "application/json",
          "text/event-stream",
          "Text/Event-Stream; q=0.0",
          "application/json, text/event-stream",
          "application/json;q=0",
        ]) {
          const sent = { path, headers: { ...JSON_TYPE, Accept: accept }, body: payload("hi", thread) };
          const wanted = await core.fetch(new Request(`http://localhost${path}`, { method: "POST", ...sent }));
          await wanted.body?.cancel();
          const answer = await send(port, sent);
          expect(answer.headers["content-type"], `${path} ${thread} ${accept}`).toBe(wanted.headers.get("content-type"));
        }
      }
    }
  });
});

describe("hostile requests", () => {
  test("100,000 deep nesting is refused, and the next message is answered", async () => {
    const { port } = await start();
    for (const body of ["[".repeat(100_000), "[".repeat(100_000) + "]".repeat(100_000), '{"a":'.repeat(100_000)]) {
      expect((await send(port, { headers: JSON_TYPE, body })).status).toBeOneOf([400, 422]);
    }
    expect((await send(port, { headers: JSON_TYPE, body: payload() })).body).toBe('{"reply":"Echo: hello"}');
  });

  test("bytes that are not HTTP, or frame a body in two ways, get a bare 400", async () => {
    const { port } = await start();
    const start400 = "HTTP/1.1 400 Bad Request\r\n";
    for (const head of [
      "HELLO\r\n\r\n",
      "POST / HTTP/2.0\r\n\r\n",
      "POST / HTTP/1.1\r\nno colon\r\n\r\n",
      "POST / HTTP/1.1\r\nA: b\r\n folded\r\n\r\n",
      "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
      "POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n",
      "POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n",
    ]) {
      expect(await rawAnswer(port, head), head).toMatch(new RegExp(`^${start400}[\\s\\S]*\r\n\r\n$`));
    }
  });

  test("a sender of 8 MiB gets its 413 although it reads only when all is sent", async () => {
    const { port } = await start();
    const size = 8 * 1_048_576;
    const head = `POST / HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: ${size}\r\n\r\n`;
    const answer = await rawAnswer(port, head + "x".repeat(size));
    expect(answer).toMatch(/^HTTP\/1\.1 413 .*"code":"body_too_large"/s);
    expect((await send(port, { headers: JSON_TYPE, body: payload() })).status).toBe(200);
  });

  test("10 kB of one header and 200 headers are taken, over 16 KiB of them get 400", async () => {
    const { port } = await start();
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`X-Filler-${i}`, "v"]));
    for (const [headers, status] of [
      [{ "X-Long": "v".repeat(10_240) }, 200],
      [many, 200],
      [{ "X-Long": "v".repeat(20_000) }, 400],
    ] as const) {
      expect((await send(port, { headers: { ...JSON_TYPE, ...headers }, body: payload() })).status).toBe(status);
    }
  });

  test("several requests on one connection keep their answers apart", async () => {
    const { port } = await start();
    const one = (text: string, more = "") =>
      `POST / HTTP/1.1\r\n${more}Content-Type: application/json\r\nContent-Length: ${payload(text).length}\r\n\r\n${payload(text)}`;
    const head = "HEAD / HTTP/1.1\r\n\r\n";
    const answer = await rawAnswer(port, one("one") + head + one("two", "Connection: close\r\n"));
    expect(answer.match(/HTTP\/1\.1 \d+|Echo: \w+/g)).toEqual([
      "HTTP/1.1 200",
      "Echo: one",
      "HTTP/1.1 405",
      "HTTP/1.1 200",
      "Echo: two",
    ]);
  });
});

describe("the stream", () => {
  test("every character of a 300 kB multi-byte echo and done reach a reader like the main app's and its dashboard's", async () => {
    const { port } = await start();
    const text = "漢字é😀\n".repeat(23_100);
    expect(Buffer.byteLength(text)).toBeGreaterThan(300_000);
    const request = httpRequest({ host: "127.0.0.1", port, path: "/stream", method: "POST", headers: JSON_TYPE });
    request.end(payload(text));
    const [response] = await once(request, "response");
    let seen = "";
    let done = false;
    let largestEvent = 0;
    for await (const piece of response as AsyncIterable<Buffer>) {
      expect(piece.length).toBeLessThanOrEqual(65_536);
      // Each piece is decoded alone, and an event that is not whole in it is forgotten.
      for (const [event, name, data] of piece.toString().matchAll(/event: (\w+)\ndata: (.*)\n\n/g)) {
        largestEvent = Math.max(largestEvent, event.length);
        if (name === "delta") seen += JSON.parse(data as string).text;
        else done = name === "done";
      }
    }
    expect(seen === `Echo: ${text}`).toBe(true);
    expect(done).toBe(true);
    expect(largestEvent).toBeLessThanOrEqual(1024);
  }, 30_000);

  test("starts with a comment, holds nothing but ASCII and ends with done", async () => {
    const { port } = await start();
    const { body, headers } = await send(port, { path: "/stream", headers: JSON_TYPE, body: payload('é"\\\u007f\u2028') });
    expect(body).toBe(
      ': still here\n\nevent: delta\ndata: {"text":"Echo: \\u00e9\\"\\\\\\u007f\\u2028"}\n\nevent: done\ndata: {"status":"completed"}\n\n',
    );
    expect(headers).toMatchObject({
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache, no-transform",
      "x-accel-buffering": "no",
    });
  });

  test("is readable for an HTTP/1.0 client too", async () => {
    const { port } = await start();
    const body = payload();
    const head = `POST /stream HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    const answer = await rawAnswer(port, head + body);
    expect(answer).not.toMatch(/transfer-encoding/i);
    expect(
      answer.endsWith(
        '\r\n\r\n: still here\n\nevent: delta\ndata: {"text":"Echo: hello"}\n\nevent: done\ndata: {"status":"completed"}\n\n',
      ),
    ).toBe(true);
  });
});

describe("reply()", () => {
  const SLOW = "import time, threading\nserver.LONGEST_SILENCE = 0.05\n";
  const both = async (python: string, env: Record<string, string> = {}) => {
    const webhook = await start({ FALLBACK_REPLY: "Sorry!", ...env }, python);
    const sent = { headers: JSON_TYPE, body: payload("user's text") };
    return { json: await send(webhook.port, sent), stream: await send(webhook.port, { ...sent, path: "/stream" }), webhook };
  };

  test("may be a generator of strings", async () => {
    const { json, stream } = await both(
      "def reply(payload):\n  yield 'a\\0b'\n  yield '\\ud800'\n  yield ''\nserver.reply = reply",
    );
    expect(json.body).toBe('{"reply":"ab\ufffd"}');
    expect(streamedText(stream.body)).toBe("ab\ufffd");
  });

  test("gets lone surrogates as U+FFFD, so that it can encode them, and history_tail as a list", async () => {
    const python = "server.reply = lambda p: p['message']['content'].encode().decode() + str(p['history_tail'])";
    const { port } = await start({}, python);
    const answer = await send(port, { headers: JSON_TYPE, body: payload("\udc00a\ud83d\ude00\ud83d") });
    expect(answer.body).toBe('{"reply":"\ufffda\u{1f600}\ufffd[]"}');
  });

  test("that raises gives 500 with a request id, and the fallback text on the stream", async () => {
    const { json, stream, webhook } = await both(
      "def reply(payload):\n  yield 'so far'\n  raise ValueError(payload['message']['content'])\nserver.reply = reply",
    );
    const { code, request_id } = JSON.parse(json.body);
    expect([json.status, code]).toEqual([500, "reply_failed"]);
    expect(webhook.output()).toContain(request_id);
    expect(webhook.output()).toContain("ValueError");
    expect(webhook.output() + json.body + stream.body).not.toContain("user's text");
    expect(stream.status).toBe(200);
    expect(streamedText(stream.body)).toBe("so far\n\nSorry!");
    expect(stream.body.endsWith('event: done\ndata: {"status":"completed"}\n\n')).toBe(true);
  });

  test("must give a string: anything else is a failed reply, and so is sys.exit()", async () => {
    for (const wrong of ["{'reply': 'x'}", "None", "iter([1])", "sys.exit()"]) {
      const { json, stream } = await both(`server.reply = lambda payload: ${wrong}`);
      expect([json.status, JSON.parse(json.body).code], wrong).toEqual([500, "reply_failed"]);
      expect(streamedText(stream.body), wrong).toBe("Sorry!");
    }
  });

  test("that is slow is waited for: spaces before the JSON, comments in the stream", async () => {
    const { json, stream } = await both(`${SLOW}server.reply = lambda payload: time.sleep(1) or "at last"`);
    expect(json.status).toBe(200);
    expect(json.body).toMatch(/^ {2,}\{"reply":"at last"\}$/);
    expect(stream.body).toMatch(/^(: still here\n\n){3,}event: delta\ndata: \{"text":"at last"\}\n\nevent: done/);
  });

  test("that never ends is given up: 504 before the first byte, else the fallback text and its code", async () => {
    const never = "server.reply = lambda payload: threading.Event().wait()";
    const early = await both(`import threading\n${never}`, { REPLY_TIMEOUT_MS: "100" });
    expect([early.json.status, JSON.parse(early.json.body).code]).toEqual([504, "reply_timeout"]);
    expect(streamedText(early.stream.body)).toBe("Sorry!");
    const late = await both(SLOW + never, { REPLY_TIMEOUT_MS: "200" });
    expect(late.json.body).toMatch(/^ +\{"reply":"Sorry!","metadata":\{"code":"reply_timeout"\}\}$/);
  });

  test("that yields without end is stopped at the budget", async () => {
    const { stream } = await both("def reply(payload):\n  while True: yield ''\nserver.reply = reply", {
      REPLY_TIMEOUT_MS: "200",
    });
    expect(streamedText(stream.body)).toBe("Sorry!");
  });
});

describe("a streamed reply", () => {
  const DONE = 'event: done\ndata: {"status":"completed"}\n\n';
  const NOBODY = "00000000-0000-0000-0000-000000000000";
  interface Asking {
    secret?: string;
    path?: string;
    app?: string;
    thread?: string;
    env?: Record<string, string>;
    python?: string;
  }
  let mainApp: Awaited<ReturnType<typeof startMainApp>>;
  beforeEach(async () => {
    mainApp = await startMainApp();
  });
  afterEach(() => mainApp.stop());

  const ask = async ({ secret = PARTNER_SECRET, path = "/stream", app, thread, env, python }: Asking = {}) => {
    const { port, output } = await start({ WEBHOOK_SECRET: secret, BACKEND_URL: mainApp.url, ...env }, python);
    const ids = { app: { id: app ?? APP_ID }, thread: { id: thread ?? THREAD_ID } };
    const body = JSON.stringify({ ...JSON.parse(payload("café 😀")), ...ids });
    const headers = { ...signed(body, undefined, secret), Accept: path === "/" ? "*/*" : "text/event-stream" };
    return { answer: await send(port, { path, headers, body }), output };
  };

  test("is stored before done, which says where", async () => {
    const { answer, output } = await ask();
    expect(mainApp.messages).toMatchObject([{ content: "Echo: café 😀", content_json: { request_id: expect.any(String) } }]);
    expect(mainApp.requests).toEqual([
      {
        method: "POST",
        url: `/apps/${APP_ID}/threads/${THREAD_ID}/messages/assistant`,
        secret: PARTNER_SECRET,
        appId: APP_ID,
      },
    ]);
    const { id } = mainApp.messages[0] as { id: string };
    expect(answer.body).toContain(`event: done\ndata: {"status":"completed","message_id":"${id}","seq":1}\n\n`);
    expect(output()).not.toContain("warning");
  });

  test("is stored with the secret that verified the message", async () => {
    await ask({ env: { WEBHOOK_SECRET: "the new one", WEBHOOK_SECRET_PREVIOUS: PARTNER_SECRET } });
    expect(mainApp.messages).toHaveLength(1);
  });

  test("that failed is stored with the fallback text that was shown", async () => {
    const python = "def reply(payload):\n  yield 'so far'\n  raise ValueError\nserver.reply = reply";
    const { answer } = await ask({ python, env: { FALLBACK_REPLY: "Sorry!" } });
    expect(mainApp.messages).toMatchObject([{ content: "so far\n\nSorry!" }]);
    expect(answer.body).toContain('"seq":1');
  });

  test("with a secret that the main app does not know ends with a plain done, and the log says what to do", async () => {
    const { answer, output } = await ask({ secret: "another" });
    expect(mainApp.messages).toEqual([]);
    expect(answer.body.endsWith(DONE)).toBe(true);
    expect(output()).toMatch(/ {2}not_stored {2}[0-9a-f-]{36} {2}The reply was not stored, .*\(401\)\. Is WEBHOOK_SECRET /);
    expect(output()).not.toContain("another");
  });

  test.each(["500 but stored", "429", "cut off", "redirect", "not json", "huge"] as const)(
    "is tried once where the main app's answer is: %s",
    async (mishap) => {
      mainApp.next(mishap);
      const { answer, output } = await ask();
      expect(mainApp.requests).toHaveLength(1);
      expect(answer.body.endsWith(DONE)).toBe(true);
      expect(output().match(/not_stored/g)).toHaveLength(1);
    },
  );

  test("waits no longer than its time-out for the main app", async () => {
    mainApp.next("hang");
    const { answer, output } = await ask({ python: "server.STORE_TIMEOUT = 0.2" });
    expect(answer.body.endsWith(`: still here\n\n${DONE}`)).toBe(true);
    expect(output()).toContain("(no answer)");
  });

  test.each<[string, Asking]>([
    ["the nil thread", { thread: NOBODY }],
    ["the nil app", { app: NOBODY }],
    ["a thread that is no UUID", { thread: `${THREAD_ID}/../x` }],
    ["an app that is no UUID", { app: "a1" }],
    ["a JSON answer", { path: "/" }],
    ["a secret that no header can carry", { secret: "geheimé" }],
    ["a secret with white space around it", { secret: `${PARTNER_SECRET} ` }],
    ["an empty text", { python: "server.reply = lambda payload: ''" }],
  ])("is never posted for %s", async (_, asking) => {
    const { answer } = await ask(asking);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatch(/completed"\}\n\n$|"\}$/);
    expect(mainApp.requests).toEqual([]);
  });

  test("is not stored, and the start and the page say so, where a setting does not allow it", async () => {
    for (const env of [
      { BACKEND_URL: "http://example.com", WEBHOOK_SECRET: "s" },
      { BACKEND_URL: "http://localhost.example.com", WEBHOOK_SECRET: "s" },
      { BACKEND_URL: "https://user@example.com", WEBHOOK_SECRET: "s" },
      { BACKEND_URL: "https://example.com/?q", WEBHOOK_SECRET: "s" },
      { BACKEND_URL: "https://example.com" },
      { WEBHOOK_SECRET: "s" },
      { BACKEND_URL: "https://example.com", WEBHOOK_SECRET: "é" },
      { BACKEND_URL: "http://[::1]:8000/api/", WEBHOOK_SECRET: "s" },
      { BACKEND_URL: "https://example.com:8443/api", WEBHOOK_SECRET: "s" },
    ]) {
      const { port, output } = await start(env);
      const { body } = await send(port, { method: "GET" });
      const { warnings } = readSettings(env);
      expect([...output().matchAll(/ {2}warning {3}(.*)/g)].map(([, warning]) => warning)).toEqual(warnings);
      expect([...body.matchAll(/<p>Warning: (.*)<\/p>/g)].map(([, warning]) => warning)).toEqual(warnings);
    }
  }, 30_000);
});

describe("the process", () => {
  test("answers the main app's smoke request", async () => {
    const { port, process: child } = await start();
    const body =
      '{"version": "1.0", "event": "message_received", "app": {"id": "test-app", "name": "Test App"}, "thread": {"id": "t1", "customer_id": null}, "message": {"id": "m1", "seq": 1, "role": "user", "content": "hello", "content_json": null}, "history_tail": [], "timestamp": "2026-01-01T12:00:00Z"}';
    const answer = await send(port, { headers: { ...JSON_TYPE, "Accept-Encoding": "identity", Connection: "close" }, body });
    expect([answer.status, answer.body]).toEqual([200, '{"reply":"Echo: hello"}']);
    expect(await stop(child, "SIGTERM")).toBe(0);
  });

  test.each(["SIGTERM", "SIGINT"] as const)("ends within 1 s of %s, also while a reply is under way", async (signal) => {
    const webhook = await start({}, "import threading\nserver.reply = lambda payload: threading.Event().wait()");
    const request = httpRequest({ host: "127.0.0.1", port: webhook.port, path: "/stream", method: "POST", headers: JSON_TYPE });
    request.on("error", () => {});
    request.end(payload());
    const [response] = await once(request, "response");
    response.on("error", () => {});
    const before = performance.now();
    expect(await stop(webhook.process, signal)).toBe(0);
    expect(performance.now() - before).toBeLessThan(1000);
  });

  test("says in one sentence that its port is in use, and ends with 1", async () => {
    const { port } = await start();
    const second = launch({ PORT: String(port) });
    let output = "";
    second.stdout?.on("data", (data) => (output += data));
    second.stderr?.on("data", (data) => (output += data));
    const [code] = await once(second, "close");
    expect(output).toBe(`Port ${port} is in use. Stop what uses it, or choose another: PORT=8083 python server.py\n`);
    expect(code).toBe(1);
  });

  test("prints the mode, what looks like a mistake, and the two URLs to paste", async () => {
    const { port, output } = await start({ WEBHOOK_SECRET: " padded " });
    expect(output()).toBe(
      [
        `replyhook listens on http://localhost:${port}`,
        "  mode      signed: messages without a valid signature are refused",
        "  warning   WEBHOOK_SECRET has white space or quotes around it. It is used as it is; paste it again without them if that was an accident.",
        "  warning   The chat will forget streamed text as soon as it is complete, because replies are not stored. Set BACKEND_URL to the main app's backend and WEBHOOK_SECRET to the App's secret to keep it.",
        "  paste into the dashboard as Webhook URL",
        `  chat      http://localhost:${port}/stream`,
        `  /run      http://localhost:${port}/`,
        "",
      ].join("\n"),
    );
  });

  test("has a page for people that runs nothing, and a health check with the project's version", async () => {
    const { port } = await start();
    const page = await send(port, { method: "GET", headers: { Accept: "text/html,*/*" } });
    expect(page.body).toContain(`http://localhost:${port}/stream`);
    expect(page.body).toContain("unsigned");
    expect(page.headers["content-security-policy"]).toMatch(/^default-src 'none';/);
    const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
    const health = await send(port, { path: "/health", method: "GET" });
    expect(JSON.parse(health.body)).toEqual({ status: "ok", version });
    const head = await send(port, { path: "/health", method: "HEAD" });
    expect([head.status, head.body, head.headers["content-length"]]).toEqual([200, "", String(health.body.length)]);
  });
});

/** What the webhook answers to raw bytes, until it closes the connection. */
async function rawAnswer(port: number, bytes: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.write(bytes);
  if (bytes.length > 65_536) await once(socket, "drain");
  let answer = "";
  for await (const piece of socket) answer += piece;
  return answer;
}
