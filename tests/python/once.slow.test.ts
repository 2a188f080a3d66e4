import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { readAsDashboard } from "../support/dashboard-reader.ts";
import { sendTo } from "../support/http-target.ts";
import { APP_ID, PARTNER_SECRET, startMainApp, THREAD_ID } from "../support/main-app.ts";
import { payload } from "../support/payload.ts";
import { signedRequest, unsigned } from "../support/signing.ts";
import { type Answer, type ExactRequest, jsonOf, textOf } from "../support/target.ts";
import { start } from "./start.ts";

const BODY = JSON.stringify(payload("hello", { app: { id: APP_ID }, thread: { id: THREAD_ID } }));
/** Says how often it has run, after a time. */
const COUNTS = (seconds: number) =>
  `runs = []\ndef reply(payload):\n  runs.append(1); print("ran", flush=True); time.sleep(${seconds})\n  yield "run "\n  yield str(len(runs))\nserver.reply = reply`;
const FAILS_ONCE = COUNTS(0.3).replace('  yield "run "', '  1 / (len(runs) - 1)\n  yield "run "');

const signed = (path = "/", age = 0) =>
  signedRequest(PARTNER_SECRET, Math.floor(Date.now() / 1000) - age, BODY, { path, headers: { Accept: "*/*" } });
const onPath = (request: ExactRequest, path: string) => ({ ...request, path });
const runsIn = (output: string) => output.match(/^ran$/gm)?.length ?? 0;
const server = (python: string, env: Record<string, string> = {}) => start({ WEBHOOK_SECRET: PARTNER_SECRET, ...env }, python);

/** Sends a request, and waits for the first bytes of its answer. */
async function beginning(port: number, { path, headers, body }: ExactRequest) {
  const socket = connect(port, "127.0.0.1").on("error", () => {});
  const lines = [...headers, ["Content-Length", String(body.length)]].map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`POST ${path} HTTP/1.1\r\n${lines.join("")}\r\n`);
  socket.write(body);
  await once(socket, "readable");
  return socket;
}

describe("a signed request runs the reply once", () => {
  test("copies at the same time, on both routes, wait for the first and get the same answer", async () => {
    const { port, output } = await server(COUNTS(0.5));
    const request = await signed();
    const all = Array.from({ length: 40 }, (_, index) => sendTo(port, onPath(request, index % 2 ? "/stream" : "/")));
    for (const [index, answer] of (await Promise.all(all)).entries()) {
      if (index % 2) expect(readAsDashboard(answer.pieces)).toEqual({ text: "run 1", done: { status: "completed" } });
      else expect(textOf(answer)).toBe('{"reply":"run 1"}');
    }
    expect(runsIn(output())).toBe(1);
    expect(output().match(/ {2}raw {2}copy {2}/g)).toHaveLength(39);
  });

  test("a later copy gets the stored answer; another message, or a new signature of the same, runs the reply", async () => {
    const { port, output } = await server(COUNTS(0));
    const request = await signed("/stream");
    for (const path of ["/stream", "/", "/stream"]) expect(textOf(await sendTo(port, onPath(request, path)))).toContain("run ");
    const capitals = request.headers.map(([name, value]): [string, string] => [
      name,
      value.replace(/[0-9a-f]{64}/, (hex) => hex.toUpperCase()),
    ]);
    expect(jsonOf(await sendTo(port, { ...request, path: "/", headers: capitals }))).toEqual({ reply: "run 1" });
    expect(runsIn(output())).toBe(1);
    const later = await signedRequest(PARTNER_SECRET, Math.floor(Date.now() / 1000) + 1, BODY);
    expect(jsonOf(await sendTo(port, later))).toEqual({ reply: "run 2" });
  });

  test("a copy is not stored through the Partner API: its done is that of the first", async () => {
    const mainApp = await startMainApp();
    const { port } = await server(COUNTS(0.2), { BACKEND_URL: mainApp.url });
    const request = await signed("/stream");
    const answers = await Promise.all([sendTo(port, request), sendTo(port, request)]);
    const [first, ...copies] = [...answers, await sendTo(port, request)].map(({ pieces }) => readAsDashboard(pieces));
    expect(first).toEqual({ text: "run 1", done: { status: "completed", message_id: mainApp.messages[0]?.id, seq: 2 } });
    expect(copies).toEqual([first, first]);
    expect(mainApp.requests).toHaveLength(1);
    mainApp.stop();
  });

  test.each(["/", "/stream"])(
    "a failure on %s is not kept: of the copies that wait, one runs the reply for all",
    async (path) => {
      const { port, output } = await server(FAILS_ONCE, { FALLBACK_REPLY: "Sorry!" });
      const request = await signed(path);
      const answers = await Promise.all([1, 2, 3, 4].map(() => sendTo(port, request)));
      const said = (answer: Answer) => (path === "/" ? textOf(answer) : readAsDashboard(answer.pieces).text);
      const failed = path === "/" ? "reply_failed" : "Sorry!";
      expect(answers.map((answer) => /reply_failed|Sorry!|run 2/.exec(said(answer))?.[0]).sort()).toEqual(
        [failed, "run 2", "run 2", "run 2"].sort(),
      );
      expect(said(await sendTo(port, request))).toContain("run 2");
      expect(runsIn(output())).toBe(2);
    },
  );

  test("if the first caller has gone, a copy that waits runs the reply, and so does a later one", async () => {
    const { port, output } = await server(`server.LONGEST_SILENCE = 0.05\n${COUNTS(0.5)}`);
    const [request, other] = [await signed("/stream"), await signed("/stream", 1)];
    const first = await beginning(port, request);
    const copy = await beginning(port, request);
    first.destroy();
    expect(await text(copy)).toContain('{"text":"run "}\n\nevent: delta\ndata: {"text":"2"}');
    (await beginning(port, other)).destroy();
    await expect.poll(() => output().match(/200 {2}client_gone {2}raw {2}\d/g)).toHaveLength(2);
    expect(readAsDashboard((await sendTo(port, other)).pieces).text).toBe("run 4");
  });

  test("RUN_ONCE=false runs the reply for each copy", async () => {
    const { port } = await server(COUNTS(0), { RUN_ONCE: "false" });
    const request = await signed();
    const replies = [jsonOf(await sendTo(port, request)), jsonOf(await sendTo(port, request))];
    expect(replies).toEqual([{ reply: "run 1" }, { reply: "run 2" }]);
  });

  test("unsigned requests are never copies", async () => {
    const { port, output } = await start({}, COUNTS(0));
    const { headers } = await signed();
    for (const request of [unsigned(BODY), unsigned(BODY, { headers: Object.fromEntries(headers) })])
      for (let sent = 0; sent < 2; sent++) await sendTo(port, request);
    expect(runsIn(output())).toBe(4);
  });

  test("a refused request does not take the place of a later one", async () => {
    const { port } = await server(COUNTS(0));
    const request = await signed();
    const wrong = { ...request, body: Uint8Array.from(Buffer.from(BODY.replace("hello", "hullo"))) };
    expect((await sendTo(port, wrong)).status).toBe(401);
    expect(jsonOf(await sendTo(port, request))).toEqual({ reply: "run 1" });
  });

  test("an answer is kept for a time, and only so many and so long ones are", async () => {
    const limits = (python: string) => server(`${python}\n${COUNTS(0)}`);
    const short = await limits("server.KEPT_SECONDS = 0");
    const few = await limits("server.MOST_KEPT = 1");
    const long = await limits("server.MOST_CHARACTERS = 4");
    const [request, other] = [await signed(), await signedRequest(PARTNER_SECRET, Math.floor(Date.now() / 1000) - 9, BODY)];
    const replies = async ({ port }: { port: number }, ...requests: ExactRequest[]) => {
      const all: string[] = [];
      for (const one of requests) all.push(jsonOf(await sendTo(port, one)).reply);
      return all;
    };
    expect(await replies(short, request, other, request)).toEqual(["run 1", "run 2", "run 3"]);
    expect(await replies(few, request, request, other, request)).toEqual(["run 1", "run 1", "run 2", "run 3"]);
    expect(await replies(long, request, request)).toEqual([
      "run 1",
      expect.stringMatching(/^This message was answered already\. /),
    ]);
  });
});
