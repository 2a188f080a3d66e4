import { describe, expect, test } from "vitest";
import type { Clock } from "../../shared/clock.ts";
import { PartnerApi } from "../../shared/partner-api/client.ts";
import { APP_ID, PARTNER_SECRET, THREAD_ID } from "../support/main-app.ts";
import { mainAppForEachTest, quickClock } from "../support/storing.ts";

const { mainApp, webhook } = mainAppForEachTest();

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
