import { describe, expect, test } from "vitest";
import { type Clock, systemClock } from "../../shared/clock.ts";
import { readAsDashboard } from "../support/dashboard-reader.ts";
import { APP_ID, FIRST_SEQ, type MainApp, PARTNER_SECRET, startMainApp, THREAD_ID } from "../support/main-app.ts";
import { mainAppForEachTest, quickClock } from "../support/storing.ts";

const { mainApp, webhook } = mainAppForEachTest();

const postsOf = ({ requests }: MainApp) => requests.filter(({ method }) => method === "POST");
const notStored = { code: "not_stored", level: "error" };

describe("a streamed reply", () => {
  test("is stored before done, and done has its id and seq", async () => {
    const { chat } = webhook(async function* () {
      yield "one ";
      yield "two 😀";
    });
    const read = await chat();
    expect(mainApp().messages).toMatchObject([{ content: "one two 😀", seq: FIRST_SEQ }]);
    expect(read).toEqual({
      text: "one two 😀",
      done: { status: "completed", message_id: mainApp().messages[0]?.id, seq: FIRST_SEQ },
    });
    const url = `/apps/${APP_ID}/threads/${THREAD_ID}/messages/assistant`;
    expect(mainApp().requests).toEqual([
      { method: "POST", url, type: "application/json", secret: PARTNER_SECRET, appId: APP_ID },
    ]);
  });

  test("that failed is stored as the person saw it, with the fallback text", async () => {
    const { chat } = webhook(async function* () {
      yield "half";
      throw new Error("no more");
    });
    expect(await chat()).toMatchObject({ text: "half\n\nSorry.", done: { seq: FIRST_SEQ } });
    expect(mainApp().messages).toMatchObject([{ content: "half\n\nSorry." }]);
  });

  test.each([
    ["429", 2],
    ["500 but stored", 1],
    ["503 but stored", 1],
    ["cut off but stored", 1],
    ["stored late", 1],
    ["huge id", 1],
  ] as const)("is stored once when the first post ends in: %s", async (mishap, posts) => {
    mainApp().next(mishap);
    const { chat } = webhook(() => "kept");
    const message_id = expect.stringMatching(/^[0-9a-f-]{36}$/);
    expect(await chat()).toEqual({ text: "kept", done: { status: "completed", message_id, seq: FIRST_SEQ } });
    expect(mainApp().messages).toHaveLength(1);
    expect(postsOf(mainApp())).toHaveLength(posts);
  });

  test.each(["500", "cut off", "hang"] as const)(
    "is never posted again if the first post may have been stored, as after: %s",
    async (mishap) => {
      mainApp().next(mishap);
      const { chat, log } = webhook(() => "seen", { REPLY_TIMEOUT_MS: "3000" });
      expect(await chat()).toEqual({ text: "seen", done: { status: "completed" } });
      expect(postsOf(mainApp())).toHaveLength(1);
      expect(mainApp().requests.length).toBeGreaterThan(1);
      expect(log).toContainEqual(
        expect.objectContaining({ ...notStored, message: expect.stringContaining("may have been stored") }),
      );
    },
  );

  test.each(["redirect", "huge", "not json"] as const)("is not posted twice when the answer is: %s", async (mishap) => {
    mainApp().next(mishap, mishap, mishap);
    const { chat } = webhook(() => "kept");
    expect((await chat()).text).toBe("kept");
    expect(mainApp().requests.some(({ url }) => url.includes("stolen"))).toBe(false);
  });

  test("is found if the last of three posts was stored but answered with 500", async () => {
    mainApp().next("429", "429", "500 but stored");
    const { chat } = webhook(() => "kept");
    expect(await chat()).toMatchObject({ done: { message_id: mainApp().messages[0]?.id, seq: FIRST_SEQ } });
    expect(mainApp().messages).toHaveLength(1);
  });

  test.each([
    ["404", "was not stored, so the chat will forget it (404). Is BACKEND_URL the backend that sent the message?"],
    ["422", "was not stored"],
  ] as const)("is posted only once if another post would be refused too: %s", async (mishap, message) => {
    mainApp().next(mishap);
    const { chat, log } = webhook(() => "seen");
    expect(await chat()).toEqual({ text: "seen", done: { status: "completed" } });
    expect(mainApp().requests).toHaveLength(1);
    expect(log).toContainEqual(expect.objectContaining({ ...notStored, message: expect.stringContaining(message) }));
  });

  test("without text is not stored", async () => {
    const { chat } = webhook(() => "");
    expect(await chat()).toEqual({ text: "", done: { status: "completed" } });
    expect(mainApp().requests).toEqual([]);
  });

  test("is followed by done at least 100 ms later, so that no reader gets both at once", async () => {
    const { ask } = webhook(() => "kept", {}, systemClock);
    const times: Record<string, number> = {};
    for await (const piece of (await ask("/stream")).body ?? []) {
      const [, type = "comment"] = /^event: (\w+)/.exec(new TextDecoder().decode(piece)) ?? [];
      times[type] = performance.now();
    }
    expect((times.done ?? 0) - (times.delta ?? 0)).toBeGreaterThan(95);
  });

  test("sends comments, at least every 5 s, while it is being stored", async () => {
    mainApp().next("stored late");
    const { ask } = webhook(() => "kept");
    const text = await (await ask("/stream")).text();
    const storing = text.slice(text.indexOf("kept"));
    expect(storing.match(/^: /gm)?.length).toBeGreaterThanOrEqual(1);
    expect(mainApp().messages).toHaveLength(1);
  });

  test("is never posted again if the thread, of 200 messages and more, does not show whether it was stored", async () => {
    mainApp().addOld(200);
    mainApp().next("500");
    const { chat, log } = webhook(() => "perhaps kept");
    expect(await chat()).toEqual({ text: "perhaps kept", done: { status: "completed" } });
    expect(postsOf(mainApp())).toHaveLength(1);
    expect(log).toContainEqual(
      expect.objectContaining({ ...notStored, message: expect.stringContaining("may have been stored") }),
    );
  });

  test("is posted again without looking if the connection was refused, because nothing was stored then", async () => {
    mainApp().stop();
    const port = Number(new URL(mainApp().url).port);
    let again: MainApp | undefined;
    // The main app starts during the pause between two tries, with a thread that is too long to look into.
    const comesUp: Clock = {
      ...quickClock,
      after(ms, task) {
        if (ms !== 500) return quickClock.after(ms, task);
        startMainApp({ listenOn: port }).then((started) => {
          again = started;
          started.addOld(200);
          task();
        });
        return () => {};
      },
    };
    const { chat } = webhook(() => "kept", {}, comesUp);
    expect(await chat()).toMatchObject({ text: "kept", done: { seq: 200 + FIRST_SEQ } });
    expect(again?.requests.map(({ method }) => method)).toEqual(["POST"]);
    again?.stop();
  });

  test("ends at the latest 4 s after its budget if the main app never answers, and the log says so", async () => {
    mainApp().next("hang", "hang", "hang");
    const { ask, log } = webhook(
      async function* ({ signal }) {
        yield "half";
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
      },
      { REPLY_TIMEOUT_MS: "3000" },
    );
    const askedAt = quickClock.uptime();
    const text = await (await ask("/stream")).text();
    // Three calls that time out would take 16 s. On a busy machine, timers are late, and this clock counts that twenty times.
    expect(quickClock.uptime() - askedAt).toBeLessThan(3000 + 4000 + 7000);
    expect(readAsDashboard([new TextEncoder().encode(text)])).toEqual({
      text: "half\n\nSorry.",
      done: { status: "completed" },
    });
    expect(log).toContainEqual(expect.objectContaining({ ...notStored, message: expect.stringContaining("no answer within") }));
  });

  test("is still stored if the client hangs up after the last word, with waitUntil", async () => {
    mainApp().next("stored late");
    const { ask, background } = webhook(() => "kept");
    const reader = (await ask("/stream")).body?.getReader();
    while (!new TextDecoder().decode((await reader?.read())?.value).includes("kept"));
    // The next read starts the storing. The client hangs up without waiting for it.
    const last = reader?.read();
    await expect.poll(() => mainApp().requests.length).toBe(1);
    await reader?.cancel();
    await last;
    await Promise.all(background);
    expect(mainApp().messages).toMatchObject([{ content: "kept" }]);
  });

  test("is never logged, nor is its message, whatever fails", async () => {
    mainApp().next("500", "not json", "cut off");
    const { chat, log } = webhook(() => "the secret answer");
    await chat({ content: "my secret card" });
    expect(log).toContainEqual(expect.objectContaining(notStored));
    expect(JSON.stringify(log)).not.toMatch(/secret (?:answer|card)|partner-secret/);
  });

  test("that cannot be stored still ends cleanly, and the log says what to do", async () => {
    mainApp().next("429", "429", "429");
    const { chat, log } = webhook(() => "seen");
    expect(await chat()).toEqual({ text: "seen", done: { status: "completed" } });
    expect(log).toContainEqual(
      expect.objectContaining({
        ...notStored,
        message: expect.stringContaining("was not stored, so the chat will forget it (429). Is the main app up"),
      }),
    );

    const down = webhook(() => "seen", { BACKEND_URL: "http://127.0.0.1:9" });
    expect(await down.chat()).toEqual({ text: "seen", done: { status: "completed" } });
    expect(down.log).toContainEqual(
      expect.objectContaining({ ...notStored, message: expect.stringContaining("could not be reached") }),
    );
  });

  test("is posted only once if the main app refuses the secret, and the log says so", async () => {
    const { chat, log } = webhook(() => "seen", { WEBHOOK_SECRET: "another", WEBHOOK_SECRET_PREVIOUS: "" });
    expect(await chat({ secret: "another" })).toEqual({ text: "seen", done: { status: "completed" } });
    expect(mainApp().requests).toHaveLength(1);
    expect(log).toContainEqual(
      expect.objectContaining({ ...notStored, message: expect.stringMatching(/401 .*Is WEBHOOK_SECRET the App's secret/) }),
    );
  });

  test.each(["hi", "café"])("is stored with the secret that signed the message %o, during a rotation", async (content) => {
    const { chat } = webhook(() => "kept", { WEBHOOK_SECRET: "the next one", WEBHOOK_SECRET_PREVIOUS: PARTNER_SECRET });
    expect(await chat({ content })).toMatchObject({ done: { seq: FIRST_SEQ } });
  });

  test.each<[string, object, Record<string, string>?]>([
    ["for a nil thread", { thread: "00000000-0000-0000-0000-000000000000" }],
    ["for a thread id that is no UUID", { thread: "../../apps" }],
    ["for an app id that is no UUID", { app: "my-app" }],
    ["with a padded secret, which no header can carry", { secret: " padded " }, { WEBHOOK_SECRET: " padded " }],
    ["with letters in the secret that no header can carry", { secret: "clé-🔑" }, { WEBHOOK_SECRET: "clé-🔑" }],
    ["if nobody signed the message", {}, { WEBHOOK_SECRET: "" }],
    ["if there is no BACKEND_URL", {}, { BACKEND_URL: "" }],
  ])("%s is not posted, which is no failure", async (_, asking, env) => {
    const { ask, log } = webhook(() => "seen", env);
    expect(await (await ask("/stream", asking)).text()).toContain("seen");
    expect(mainApp().requests).toEqual([]);
    expect(log.filter(({ event }) => event === "reply")).toEqual([]);
  });
});

describe("a JSON reply", () => {
  test("is never posted, because the main app stores it", async () => {
    const { ask } = webhook(() => "once");
    expect(await (await ask("/")).json()).toEqual({ reply: "once" });
    expect(mainApp().requests).toEqual([]);
  });
});
