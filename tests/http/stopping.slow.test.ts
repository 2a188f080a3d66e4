import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, describe, expect, test } from "vitest";
import { freePort } from "../../local/dev/port.ts";
import { readAsDashboard } from "../support/dashboard-reader.ts";
import { connects, sendTo } from "../support/http-target.ts";
import { APP_ID, FIRST_SEQ, PARTNER_SECRET, startMainApp, THREAD_ID } from "../support/main-app.ts";
import { payload } from "../support/payload.ts";
import { signedRequest, unsigned } from "../support/signing.ts";
import { jsonOf } from "../support/target.ts";
import { machineEnvironment } from "./servers.ts";

const started: ChildProcess[] = [];
afterAll(() => {
  for (const child of started) child.kill("SIGKILL");
});

describe("a server that is told to stop, or whose reply logic fails", () => {
  async function testServer(env: Record<string, string> = {}) {
    const port = await freePort();
    const child = spawn(process.execPath, ["tests/entries/server.ts"], {
      env: { ...machineEnvironment(), PORT: String(port), ...env },
    });
    started.push(child);
    while (!(await connects(port))) await new Promise((resolve) => setTimeout(resolve, 20));
    const exited = new Promise<{ at: number; code: number | null }>((resolve) =>
      child.once("close", (code) => resolve({ at: performance.now(), code })),
    );
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
    return { port, child, exited, output: () => output };
  }
  const post = (port: number, content: string, path = "/") =>
    sendTo(port, unsigned(JSON.stringify(payload(`script: ${content}`)), { path }));
  /** A message signed as by the main app, with a thread in which replies can be stored. */
  const signed = (content: string, path: string) => {
    const body = JSON.stringify(payload(`script: ${content}`, { app: { id: APP_ID }, thread: { id: THREAD_ID } }));
    return signedRequest(PARTNER_SECRET, Math.floor(Date.now() / 1000), body, { path });
  };

  test("ends open requests with the fallback text, and exits within 1 s", async () => {
    const { port, child, exited } = await testServer({ FALLBACK_REPLY: "Sorry." });
    const answering = sendTo(port, unsigned(JSON.stringify(payload("script: words")), { path: "/stream" }));
    await new Promise((resolve) => setTimeout(resolve, 700));
    const toldAt = performance.now();
    child.kill("SIGTERM");
    const { text, done } = readAsDashboard((await answering).pieces);
    expect(text).toMatch(/^word1 .*\n\nSorry\.$/s);
    expect(done).toEqual({ status: "completed" });
    expect((await exited).at - toldAt).toBeLessThan(1000);
  });

  test("ends a long text that is still being sent with the fallback text and done, and exits within 1 s", async () => {
    const { port, child, exited, output } = await testServer({ FALLBACK_REPLY: "Sorry.", LOG_FORMAT: "text" });
    const answering = post(port, "megabyte", "/stream");
    await new Promise((resolve) => setTimeout(resolve, 700));
    const toldAt = performance.now();
    child.kill("SIGTERM");
    const { text, done } = readAsDashboard((await answering).pieces);
    expect(text).toMatch(/^é{10000,}\n\nSorry\.$/);
    expect(done).toEqual({ status: "completed" });
    expect((await exited).at - toldAt).toBeLessThan(1000);
    expect(output()).toMatch(/POST {2}\/stream {2}200 {2}reply_failed/);
  });

  /** Asks for a JSON answer of 8 MB, and reads only its start until `goOn` is called. */
  async function slowReader(port: number) {
    const socket = connect(port, "127.0.0.1");
    const body = JSON.stringify(payload("script: 8 megabytes"));
    socket.write(
      `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    await once(socket, "readable");
    const ended = new Promise<number>((resolve) => {
      let bytes = 0;
      socket.on("close", () => resolve(bytes));
      socket.on("error", () => {});
      socket.pause();
      socket.on("data", (data) => (bytes += data.length));
    });
    return { ended, goOn: () => socket.resume(), leave: () => socket.destroy() };
  }

  test("sends a long JSON answer to its end if its reader reads it in time", async () => {
    const { port, child, exited, output } = await testServer();
    const { ended, goOn } = await slowReader(port);
    child.kill("SIGTERM");
    await new Promise((resolve) => setTimeout(resolve, 200));
    goOn();
    expect(await ended).toBeGreaterThan(8_000_000);
    expect((await exited).code).toBe(0);
    expect(output()).not.toContain("cut_off");
  });

  test("exits within 1 s although a client does not read its answer, and logs cut_off", async () => {
    const { port, child, exited, output } = await testServer();
    const { leave } = await slowReader(port);
    const toldAt = performance.now();
    child.kill("SIGTERM");
    expect((await exited).at - toldAt).toBeLessThan(1000);
    expect(output()).toContain("cut_off");
    leave();
  });

  test("exits within 1 s although its reply logic never ends", async () => {
    const { port, child, exited } = await testServer();
    const answering = post(port, "never", "/stream");
    await new Promise((resolve) => setTimeout(resolve, 300));
    const toldAt = performance.now();
    child.kill("SIGTERM");
    expect(readAsDashboard((await answering).pieces).done).toEqual({ status: "completed" });
    expect((await exited).at - toldAt).toBeLessThan(1000);
  });

  // The next four wait for seconds: side by side.
  test.concurrent("waits for a reply that is being stored, and sends done with its id", async () => {
    const mainApp = await startMainApp();
    // The post gets no answer, so the webhook looks into the thread and finds the text.
    mainApp.next("stored late");
    const { port, child, exited } = await testServer({
      WEBHOOK_SECRET: PARTNER_SECRET,
      BACKEND_URL: mainApp.url,
      REPLY_TIMEOUT_MS: "9000",
    });
    const answering = sendTo(port, await signed("burst", "/stream"));
    await expect.poll(() => mainApp.requests.length, { timeout: 5000 }).toBe(1);
    child.kill("SIGTERM");
    const { done } = readAsDashboard((await answering).pieces);
    expect(done).toEqual({ status: "completed", message_id: mainApp.messages[0]?.id, seq: FIRST_SEQ });
    expect((await exited).code).toBe(0);
    mainApp.stop();
  });

  test.concurrent("waits at most 10 s for a main app that never answers, and then sends done", {
    timeout: 30_000,
  }, async () => {
    const mainApp = await startMainApp();
    mainApp.next("hang", "hang", "hang", "hang");
    const env = { WEBHOOK_SECRET: PARTNER_SECRET, BACKEND_URL: mainApp.url };
    const { port, child, exited, output } = await testServer(env);
    const answering = sendTo(port, await signed("burst", "/stream"));
    await expect.poll(() => mainApp.requests.length, { timeout: 5000 }).toBe(1);
    const toldAt = performance.now();
    child.kill("SIGTERM");
    // A second SIGTERM changes nothing.
    child.kill("SIGTERM");
    expect(readAsDashboard((await answering).pieces).done).toEqual({ status: "completed" });
    const { at, code } = await exited;
    expect(code).toBe(0);
    expect(at - toldAt).toBeLessThan(10_000);
    expect(output()).toContain("not_stored");
    mainApp.stop();
  });

  test.concurrent("gives a deferred reply 5 s more, and then stores the fallback text", { timeout: 30_000 }, async () => {
    const mainApp = await startMainApp();
    const { port, child, exited } = await testServer({
      WEBHOOK_SECRET: PARTNER_SECRET,
      BACKEND_URL: mainApp.url,
      DEFER: "true",
      REPLY_TIMEOUT_MS: "300",
      FALLBACK_REPLY: "Sorry.",
    });
    expect(jsonOf(await sendTo(port, await signed("never", "/")))).toMatchObject({ metadata: { code: "deferred" } });
    const toldAt = performance.now();
    child.kill("SIGTERM");
    expect((await exited).at - toldAt).toBeLessThan(9000);
    expect(mainApp.messages).toMatchObject([{ content: "Sorry." }]);
    mainApp.stop();
  });

  test.concurrent("still stores a deferred reply that is ready in time", async () => {
    const mainApp = await startMainApp();
    const env = { WEBHOOK_SECRET: PARTNER_SECRET, BACKEND_URL: mainApp.url, DEFER: "true", REPLY_TIMEOUT_MS: "300" };
    const { port, child, exited } = await testServer(env);
    expect(jsonOf(await sendTo(port, await signed("soon", "/")))).toMatchObject({ metadata: { code: "deferred" } });
    child.kill("SIGTERM");
    await exited;
    expect(mainApp.messages).toMatchObject([{ content: "after 3 s" }]);
    mainApp.stop();
  });

  test("goes on after a rejected promise that nobody awaits, and logs it", async () => {
    const { port, output } = await testServer();
    expect(jsonOf(await post(port, "forgotten rejection"))).toEqual({ reply: "answered all the same" });
    await expect.poll(output).toMatch(/reply {2}unhandled {2}Error: nobody awaits this/);
    expect(jsonOf(await post(port, "endings"))).toEqual({ reply: "[]" });
  });

  test.each(["throw in a timer", "throw in a timer again and again"])(
    "ends with exit code 1 after a %s, and open requests get the fallback text",
    async (script) => {
      const { port, output, exited } = await testServer({ FALLBACK_REPLY: "Sorry." });
      const waiting = post(port, "words", "/stream");
      expect(jsonOf(await post(port, script))).toEqual({ reply: "answered before that" });
      const { text, done } = readAsDashboard((await waiting).pieces);
      expect(text).toContain("Sorry.");
      expect(done).toEqual({ status: "completed" });
      expect((await exited).code).toBe(1);
      expect(output()).toMatch(/reply {2}unhandled {2}Error: nobody catches this/);
    },
  );
});
