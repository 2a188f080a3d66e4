import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { readAsDashboard } from "../support/dashboard-reader.ts";
import { sendTo } from "../support/http-target.ts";
import { payload } from "../support/payload.ts";
import { unsigned } from "../support/signing.ts";
import { jsonOf, textOf } from "../support/target.ts";
import { HELLO, post, start } from "./start.ts";

describe("reply()", () => {
  const both = async (python: string, env: Record<string, string> = {}, content = "user's text") => {
    const { port, output } = await start({ FALLBACK_REPLY: "Sorry!", ...env }, python);
    const send = (path: string) => sendTo(port, unsigned(JSON.stringify(payload(content)), { path }));
    const [json, stream] = [await send("/"), await send("/stream")];
    return { json, stream: textOf(stream), streamed: readAsDashboard(stream.pieces), output };
  };
  const DONE = { status: "completed" };
  const generator = (...lines: string[]) => `def reply(payload):\n  ${lines.join("\n  ")}\nserver.reply = reply`;

  test("gets history_tail as a list, and neither gets nor gives lone surrogates; it may be a generator of strings", async () => {
    const python = generator(
      "yield payload['message']['content'].encode().decode()",
      "yield f'a\\0b\\ud800{payload[\"history_tail\"]}'",
    );
    const { json, streamed } = await both(python, {}, "\udc00a\ud83d\ude00\ud83d");
    const text = "\ufffda\u{1f600}\ufffdab\ufffd[]";
    expect([jsonOf(json), streamed]).toEqual([{ reply: text }, { text, done: DONE }]);
  });

  test("that raises gives 500 with a request id, and the fallback text on the stream; the log says where, not the message", async () => {
    const python = generator("yield 'so far'", "raise ValueError(payload['message']['content'])");
    const { json, streamed, output } = await both(python);
    expect([json.status, jsonOf(json).code]).toEqual([500, "reply_failed"]);
    expect(streamed).toEqual({ text: "so far\n\nSorry!", done: DONE });
    expect(output()).toMatch(new RegExp(`reply_failed  ${jsonOf(json).request_id}  \n.*in reply\n.*ValueError\n`, "s"));
    expect(output() + textOf(json)).not.toContain("user's text");
  });

  test.each(["{'reply': 'x'}", "None", "iter([1])", "sys.exit()"])("that gives %s is a failed reply", async (wrong) => {
    const { json, streamed } = await both(`server.reply = lambda payload: ${wrong}`);
    expect([json.status, jsonOf(json).code, streamed.text]).toEqual([500, "reply_failed", "Sorry!"]);
  });

  test("that is slow is waited for, also when the clock is set: spaces before the JSON, comments in the stream", async () => {
    const python =
      "server.LONGEST_SILENCE = 0.2\nserver.reply = lambda payload: setattr(time, 'time', lambda: 2e9) or time.sleep(1) or 'at last'";
    const { json, stream } = await both(python);
    expect([json.status, textOf(json)]).toEqual([200, expect.stringMatching(/^ {2,}\{"reply":"at last"\}$/)]);
    expect(stream).toMatch(/^(: still here\n\n){3,}event: delta\ndata: \{"text":"at last"\}\n\nevent: done/);
  });

  test("that never ends is given up: 504 before the first byte, else the fallback text and its code", async () => {
    const never = "server.reply = lambda payload: threading.Event().wait()";
    const early = await both(never, { REPLY_TIMEOUT_MS: "100" });
    expect([early.json.status, jsonOf(early.json).code, early.streamed.text]).toEqual([504, "reply_timeout", "Sorry!"]);
    const late = await both(`server.LONGEST_SILENCE = 0.05\n${never}`, { REPLY_TIMEOUT_MS: "300" });
    expect(textOf(late.json)).toMatch(/^ +\{"reply":"Sorry!","metadata":\{"code":"reply_timeout"\}\}$/);
  });

  test("that yields without end is stopped at its time", async () => {
    const { json, streamed } = await both(generator("while True: yield 'x' * 1000"), { REPLY_TIMEOUT_MS: "500" });
    expect([json.status, streamed.text]).toEqual([504, expect.stringMatching(/^x+\n\nSorry!$/)]);
  });

  test("is closed at its next piece when the client has gone", async () => {
    const python = generator("try:", "  while True: time.sleep(0.05); yield 'word '", "finally: print('closed', flush=True)");
    const { port, output } = await start({}, python);
    const socket = connect(port, "127.0.0.1");
    socket.write(post("/stream") + HELLO);
    await once(socket, "data");
    socket.destroy();
    await expect.poll(output, { timeout: 5000 }).toMatch(/^closed$/m);
    await expect.poll(output).toMatch(/ {2}\/stream {2}200 {2}client_gone {2}unsigned/);
  });
});
