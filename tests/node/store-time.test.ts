import { describe, expect, test } from "vitest";
import { type Clock, systemClock } from "../../shared/clock.ts";
import { Exchange } from "../../shared/exchange.ts";
import type { LogRecord } from "../../shared/log.ts";
import { PartnerApi } from "../../shared/partner-api/client.ts";
import { createStore } from "../../shared/partner-api/store-reply.ts";
import type { Reply } from "../../shared/reply-types.ts";
import { APP_ID, FIRST_SEQ, type Mishap, PARTNER_SECRET, THREAD_ID } from "../support/main-app.ts";
import { mainAppForEachTest, quickClock } from "../support/storing.ts";

const { mainApp, webhook } = mainAppForEachTest();
const UNKNOWN = "may have been stored, but the chat forgets it until the thread is loaded again";

/** Stores a reply with so much time left, by a clock on which only pauses take time. */
async function store(timeLeft: number, mishaps: Mishap[], { stopsAt = Number.POSITIVE_INFINITY } = {}) {
  const pauses: number[] = [];
  let now = 0;
  const clock: Clock = {
    ...systemClock,
    uptime: () => now,
    after(ms, task) {
      pauses.push(ms);
      now += ms;
      return systemClock.after(0, task);
    },
  };
  const log: LogRecord[] = [];
  const exchange = new Exchange("POST", "/", clock, (record) => log.push(record));
  const api = new PartnerApi({ backendUrl: mainApp().url, appId: APP_ID, secret: PARTNER_SECRET, clock: systemClock });
  mainApp().next(...mishaps);
  const stored = await createStore({ api, threadId: THREAD_ID, exchange, clock }, () => stopsAt)("kept", timeLeft);
  const methods = mainApp().requests.map(({ method }) => method);
  return { stored, pauses, methods: methods.join(" "), message: log[0]?.message };
}

describe("with little time left, a reply", () => {
  test("is posted if an answer can come in time", async () => {
    expect(await store(250, [])).toMatchObject({ stored: { seq: FIRST_SEQ }, methods: "POST" });
  });

  test.each([
    ["its own time", 249, Number.POSITIVE_INFINITY],
    ["the time of a process that stops", 9000, 249],
  ])("is not posted if no answer can come in time: %s", async (_, timeLeft, stopsAt) => {
    expect(await store(timeLeft, [], { stopsAt })).toMatchObject({
      stored: undefined,
      methods: "",
      message: expect.stringContaining(
        "was not stored, so the chat will forget it (there was no time left). Is the main app up",
      ),
    });
  });

  test.each([
    [749, "POST POST POST", []],
    [750, "POST POST POST", [500]],
    [1250, "POST POST POST", [500, 500]],
    [9000, "POST POST POST", [500, 500]],
  ])(
    "that is refused for now is posted again, at most three times, and after a pause if there is time: in %i ms, %s",
    async (ms, methods, pauses) => {
      const message = expect.stringContaining("(429)");
      expect(await store(ms, ["429", "429", "429"])).toEqual({ stored: undefined, methods, pauses, message });
    },
  );

  test("is looked for after ever longer pauses, until no time is left", async () => {
    expect(await store(4000, ["500"])).toMatchObject({
      methods: "POST GET GET GET GET GET",
      pauses: [250, 500, 1000, 2000, 250],
      message: expect.stringContaining(UNKNOWN),
    });
  });

  test("is looked for only once in a thread that is too long to read to its end", async () => {
    mainApp().addOld(199);
    expect(await store(4000, ["500"])).toMatchObject({
      methods: "POST GET",
      pauses: [],
      message: expect.stringContaining(UNKNOWN),
    });
  });
});

test("a bug in storing is logged, and does not reject: the chat waits for done", async () => {
  const log: LogRecord[] = [];
  const exchange = new Exchange("POST", "/", systemClock, (record) => log.push(record));
  const api = { postMessage: () => Promise.reject(new TypeError("a bug")) } as unknown as PartnerApi;
  const store = createStore({ api, threadId: THREAD_ID, exchange, clock: systemClock }, () => Number.POSITIVE_INFINITY);
  expect(await store("kept", systemClock.uptime() + 4000)).toBeUndefined();
  expect(log).toMatchObject([{ level: "error", code: "not_stored", message: expect.stringContaining("TypeError: a bug") }]);
});

test("a process that is told to stop still stores what the user has seen", async () => {
  const stopping = new AbortController();
  const reply: Reply = async function* ({ signal }) {
    yield "half";
    stopping.abort();
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
  };
  const { chat, log } = webhook(reply, {}, quickClock, { stopping: stopping.signal });
  expect(await chat()).toMatchObject({ text: "half\n\nSorry.", done: { seq: FIRST_SEQ } });
  expect(log).toContainEqual(expect.objectContaining({ event: "request", stored_seq: FIRST_SEQ }));
});
