import { afterEach, describe, expect, test, vi } from "vitest";
import { type Clock, systemClock } from "../../shared/clock.ts";
import { type ApiFailure, PartnerApi } from "../../shared/partner-api/client.ts";
import { APP_ID, type Mishap, PARTNER_SECRET, THREAD_ID } from "../support/main-app.ts";
import { mainAppForEachTest, quickClock } from "../support/storing.ts";

const { mainApp, webhook } = mainAppForEachTest();
afterEach(() => vi.restoreAllMocks());

describe("the Partner API client", () => {
  test("reads messages and threads, and returns failures as values", async () => {
    const api = new PartnerApi({ backendUrl: mainApp().url, appId: APP_ID, secret: PARTNER_SECRET, clock: quickClock });
    await api.postMessage(THREAD_ID, "hello", { k: 1 });
    expect(await api.readMessages(THREAD_ID)).toMatchObject({
      ok: true,
      value: [
        { role: "assistant", seq: 1 },
        { content: "hello", seq: 2, content_json: { k: 1 } },
      ],
    });
    expect(await api.listThreads({ limit: 5 })).toMatchObject({
      ok: true,
      value: { items: [{ id: THREAD_ID, status: "active" }], next_cursor: null },
    });
    expect(await api.readSubscriber(THREAD_ID)).toEqual({
      ok: false,
      nothingDone: true,
      status: 404,
      detail: "404 ERROR_SUBSCRIBER_NOT_FOUND",
    });
    expect(await api.readMessages("../x")).toMatchObject({ ok: false, nothingDone: true });
  });

  test.each<[Mishap, ApiFailure]>([
    ["401", { ok: false, nothingDone: true, status: 401, detail: "401" }],
    ["404", { ok: false, nothingDone: true, status: 404, detail: "404" }],
    ["429", { ok: false, nothingDone: true, status: 429, detail: "429" }],
    ["500", { ok: false, nothingDone: false, status: 500, detail: "500" }],
    ["redirect", { ok: false, nothingDone: false, status: 307, detail: "307" }],
    ["not json", { ok: false, nothingDone: false, detail: "the answer is not JSON" }],
    ["huge", { ok: false, nothingDone: false, status: 200, detail: "the answer is too large" }],
    ["huge id", { ok: false, nothingDone: false, status: 200, detail: "the answer has another form than expected" }],
    ["cut off", { ok: false, nothingDone: false, detail: "the main app could not be reached" }],
    ["hang", { ok: false, nothingDone: false, detail: "no answer within 5000 ms" }],
  ])("says what went wrong with a post, and whether the main app certainly did nothing: %s", async (mishap, failure) => {
    mainApp().next(mishap);
    // The large answer takes a part of a second.
    const clock = mishap === "hang" ? quickClock : systemClock;
    const api = new PartnerApi({ backendUrl: mainApp().url, appId: APP_ID, secret: PARTNER_SECRET, clock });
    expect(await api.postMessage(THREAD_ID, "hello")).toEqual(failure);
  });

  test("ends a call after the time that it gets, and after 5 s at the latest", async () => {
    const api = new PartnerApi({ backendUrl: mainApp().url, appId: APP_ID, secret: PARTNER_SECRET, clock: quickClock });
    mainApp().next("hang");
    expect(await api.postMessage(THREAD_ID, "hello", {}, 1000)).toMatchObject({ detail: "no answer within 1000 ms" });
    mainApp().next("hang");
    expect(await api.postMessage(THREAD_ID, "hello", {}, 9000)).toMatchObject({ detail: "no answer within 5000 ms" });
  });

  test("knows that a main app that is down did nothing", async () => {
    const api = new PartnerApi({ backendUrl: mainApp().url, appId: APP_ID, secret: PARTNER_SECRET, clock: quickClock });
    mainApp().stop();
    const unreachable = { ok: false, nothingDone: true, detail: "the main app could not be reached" };
    expect(await api.postMessage(THREAD_ID, "hello")).toEqual(unreachable);
  });

  // This computer cannot be made to fail in each of these ways.
  test.each([
    ["ECONNREFUSED", true],
    ["ENOTFOUND", true],
    ["EAI_AGAIN", true],
    ["EHOSTUNREACH", true],
    ["ENETUNREACH", true],
    ["UND_ERR_CONNECT_TIMEOUT", true],
    ["ECONNRESET", false],
    [undefined, false],
  ])("knows whether a fetch that fails with the code %s sent nothing: %s", async (code, nothingDone) => {
    vi.spyOn(globalThis, "fetch").mockRejectedValue(Object.assign(new TypeError("fetch failed"), code && { cause: { code } }));
    const api = new PartnerApi({ backendUrl: mainApp().url, appId: APP_ID, secret: PARTNER_SECRET, clock: quickClock });
    const detail = "the main app could not be reached";
    expect(await api.postMessage(THREAD_ID, "hello")).toEqual({ ok: false, nothingDone, detail });
  });

  test("reads subscribers and their threads", async () => {
    const headers = { "content-type": "application/json", "x-app-id": APP_ID, "x-app-secret": PARTNER_SECRET };
    const body = JSON.stringify({ customer_id: "Ann" });
    await fetch(`${mainApp().url}/apps/${APP_ID}/threads`, { method: "POST", headers, body });
    const api = new PartnerApi({ backendUrl: mainApp().url, appId: APP_ID, secret: PARTNER_SECRET, clock: quickClock });
    const listed = await api.listSubscribers();
    const ann = { id: expect.any(String), app_id: APP_ID, customer_id: "Ann", created_at: expect.any(String) };
    expect(listed).toMatchObject({ ok: true, value: { items: [ann], next_cursor: null } });
    const id = (listed.ok && listed.value.items[0]?.id) || "";
    expect(await api.readSubscriber(id)).toMatchObject({ ok: true, value: { ...ann, id } });
    const threads = { items: [{ subscriber_id: id, customer_id: "Ann" }], next_cursor: null };
    expect(await api.listThreadsOfSubscriber(id)).toMatchObject({ ok: true, value: threads });
  });

  test("asks for exactly what was wanted, and never with an id that could lead elsewhere", async () => {
    const options = { backendUrl: mainApp().url, secret: PARTNER_SECRET, clock: quickClock };
    const api = new PartnerApi({ ...options, appId: APP_ID });
    await api.readMessages(THREAD_ID);
    await api.readMessages(THREAD_ID, { limit: 2, beforeSeq: 7 });
    await api.listThreads({ status: "active", customer_id: "a b" });
    await api.listSubscribers({ q: "Ann" });
    await api.listThreadsOfSubscriber(THREAD_ID, { limit: 3 });
    const nowhere = { ok: false, nothingDone: true, detail: "an id is no UUID: nothing was sent" };
    expect(await api.readSubscriber("..")).toEqual(nowhere);
    expect(await new PartnerApi({ ...options, appId: "../x" }).listThreads()).toEqual(nowhere);
    expect(mainApp().requests).toMatchObject(
      [
        `threads/${THREAD_ID}/messages?limit=200`,
        `threads/${THREAD_ID}/messages?limit=2&before_seq=7`,
        "threads?status=active&customer_id=a+b",
        "subscribers?q=Ann",
        `subscribers/${THREAD_ID}/threads?limit=3`,
      ].map((path) => ({ method: "GET", url: `/apps/${APP_ID}/${path}`, secret: PARTNER_SECRET, appId: APP_ID })),
    );
  });

  test("leaves no timer after a call", async () => {
    let timers = 0;
    const counting: Clock = {
      ...quickClock,
      after(ms, task) {
        timers++;
        const cancel = quickClock.after(ms, task);
        return () => {
          timers--;
          cancel();
        };
      },
    };
    const api = new PartnerApi({ backendUrl: mainApp().url, appId: APP_ID, secret: PARTNER_SECRET, clock: counting });
    await api.readMessages(THREAD_ID);
    expect(timers).toBe(0);
  });

  test("is passed to reply logic", async () => {
    const { ask } = webhook(async ({ partnerApi }) => {
      const read = await partnerApi?.readMessages(THREAD_ID);
      return read?.ok ? `${read.value.length} messages so far` : "no history";
    });
    expect(await (await ask("/")).json()).toEqual({ reply: "1 messages so far" });
  });
});
