import { expect, test } from "vitest";
import { createApp } from "../../shared/app.ts";
import { BoundedBytes, readBounded } from "../../shared/bounded.ts";
import type { LogRecord } from "../../shared/log.ts";
import { echo } from "../../shared/replies/echo.ts";
import { TestClock } from "../../shared/test-clock.ts";
import { payload } from "../support/payload.ts";

const JSON_TYPE = { "content-type": "application/json" };
const MIB = 1_048_576;

function webhook(env: Record<string, string> = {}) {
  const clock = new TestClock();
  const log: LogRecord[] = [];
  const app = createApp({ env: { LOG_FORMAT: "text", ...env }, reply: echo, log: (record) => log.push(record), clock });
  return {
    clock,
    log,
    ask: async (path: string, init: RequestInit = {}) => app.fetch(new Request(`http://localhost${path}`, init)),
  };
}

/** A message in pieces of `size` bytes, and the number of pieces that were pulled. */
function inPieces(body: Uint8Array, size: number, headers: Record<string, string> = {}) {
  let pulled = 0;
  const stream = new ReadableStream({
    pull(controller) {
      const piece = body.subarray(pulled * size, ++pulled * size);
      if (piece.length > 0) controller.enqueue(piece);
      else controller.close();
    },
  });
  const init = { method: "POST", headers: { ...JSON_TYPE, ...headers }, body: stream, duplex: "half" } as RequestInit;
  return { init, pulled: () => pulled };
}

function messageOf(bytes: number): Uint8Array {
  const room = bytes - JSON.stringify(payload("")).length;
  return new TextEncoder().encode(JSON.stringify(payload("x".repeat(room))));
}

export function bodyPromises(): void {
  test("a body that is announced as too large is refused before it arrives", async () => {
    const never = new ReadableStream({ pull: () => new Promise(() => {}) });
    const headers = { ...JSON_TYPE, "content-length": "1048577" };
    const init = { method: "POST", headers, body: never, duplex: "half" } as RequestInit;
    expect((await webhook().ask("/", init)).status).toBe(413);
  });

  test("a body that is longer than announced is refused", async () => {
    const headers = { ...JSON_TYPE, "content-length": "5" };
    expect((await webhook().ask("/", { method: "POST", headers, body: "x".repeat(1_048_577) })).status).toBe(413);
  });

  test("a body without an announced length is refused once it is too large, and the rest is cancelled", async () => {
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

  test("a body of exactly 1 MiB of announced length is answered", async () => {
    const headers = { ...JSON_TYPE, "content-length": String(MIB) };
    expect((await webhook().ask("/", { method: "POST", headers, body: Uint8Array.from(messageOf(MIB)) })).status).toBe(200);
  });

  test("an empty Content-Length announces nothing: its body is bounded too", async () => {
    const { init } = inPieces(messageOf(MIB), 1, { "content-length": "" });
    expect(await (await webhook().ask("/", init)).json()).toMatchObject({ code: "body_too_fragmented" });
  });

  test("a body that breaks off is refused before its signature is checked, and is no error in the log", async () => {
    const { ask, log } = webhook({ WEBHOOK_SECRET: "s" });
    const broken = new ReadableStream({ pull: (controller) => controller.error(new Error("reset")) });
    const answer = await ask("/", { method: "POST", headers: JSON_TYPE, body: broken, duplex: "half" } as RequestInit);
    expect(answer.status).toBe(400);
    expect(log).toMatchObject([{ level: "info", event: "request", code: "body_not_json" }]);
  });

  test("a megabyte in single bytes is refused after little more than a thousand bytes, and the connection is closed", async () => {
    const { init, pulled } = inPieces(messageOf(MIB), 1);
    const answer = await webhook().ask("/", init);
    expect([answer.status, answer.headers.get("connection")]).toEqual([413, "close"]);
    expect(await answer.json()).toMatchObject({ code: "body_too_fragmented" });
    expect(pulled()).toBeLessThan(1100);
  });

  test("Node's entry also refuses a megabyte of announced length in single bytes", () => {
    const bytes = new BoundedBytes(MIB, MIB);
    let pieces = 0;
    while (bytes.add(new Uint8Array(1)) === undefined) pieces++;
    expect(pieces).toBeLessThan(1100);
  });

  test.each([
    [MIB, 512],
    [MIB, 1024],
    [MIB, 1025],
    [MIB, 65_536],
    [MIB, MIB],
    [65_536, 64],
    [1024, 1],
  ])("%i bytes in pieces of %i are answered", async (bytes, size) => {
    const { init } = inPieces(messageOf(bytes), size);
    expect((await webhook().ask("/", init)).status).toBe(200);
  });

  test.each([
    ["without an announced length", {}],
    ["announced as small", { "content-length": "1000" }],
    ["announced as large", { "content-length": "100000" }],
  ])("a body %s that does not arrive is 408 body_too_slow after 15 s", async (_, headers) => {
    const stalled = new ReadableStream({
      start: (controller) => controller.enqueue(new Uint8Array([0x7b])),
      pull: () => new Promise(() => {}),
    });
    const { ask, clock } = webhook();
    const init = { method: "POST", headers: { ...JSON_TYPE, ...headers }, body: stalled, duplex: "half" } as RequestInit;
    let status = 0;
    const answering = ask("/", init).then((answer) => {
      status = answer.status;
      return answer;
    });
    await clock.advance(14_999);
    expect(status).toBe(0);
    await clock.advance(1);
    const answer = await answering;
    expect([answer.status, answer.headers.get("connection")]).toEqual([408, "close"]);
    expect(await answer.json()).toMatchObject({ code: "body_too_slow" });
  });

  test("a small body of announced length may come in single bytes, as on a bad line", async () => {
    const { init } = inPieces(messageOf(10_000), 1, { "content-length": "10000" });
    expect((await webhook().ask("/", init)).status).toBe(200);
    const onNode = new BoundedBytes(MIB, 16_384);
    for (let i = 0; i < 16_384; i++) expect(onNode.add(new Uint8Array(1))).toBeUndefined();
  });

  test.each([
    ["what was announced", 50, [10, 10], 50],
    ["no more than the most, whatever was announced", 1000, [10, 10], 100],
    ["twice what has come, if that is more than announced", 5, [10, 5, 15], 30],
    ["no more than the most, also then", 5, [60, 10], 100],
  ])("a body in pieces takes memory for %s", (_, announced, pieces, room) => {
    const body = new BoundedBytes(100, announced);
    for (const size of pieces) body.add(new Uint8Array(size));
    expect(body.bytes.buffer.byteLength).toBe(room);
  });

  test("no body is an empty one", async () => {
    expect(await readBounded(null, 100)).toEqual(new Uint8Array());
  });

  test("a body that comes in one piece is not copied", () => {
    const piece = new Uint8Array(10);
    const body = new BoundedBytes(100);
    body.add(piece);
    expect(body.bytes.buffer).toBe(piece.buffer);
  });
}
