import { describe, expect, test } from "vitest";
import { onlyMainApp } from "./started.ts";

const { mainApp, partner } = await onlyMainApp();

const UNKNOWN = "00000000-0000-4000-8000-000000000000";
const ID = expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/);
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z$/);
const GREETING = "Hello there! How can I help you today?";

describe("messages", () => {
  test("an assistant's is stored with its source", async () => {
    const { post, messages, thread } = partner();
    const { status, headers, text, json } = await post(
      `${messages}/assistant`,
      '{"content":"hello","content_json":{"source":"mine","k":1.0}}',
    );
    expect([status, headers.get("content-type")]).toEqual([200, "application/json"]);
    const { id, created_at } = json();
    expect(text).toBe(
      `{"id":"${id}","thread_id":"${thread.id}","seq":3,"role":"assistant","content":"hello",` +
        `"content_json":{"k":1.0,"source":"dashboard_agent"},"created_at":"${created_at}"}`,
    );
    expect(json()).toMatchObject({ id: ID, created_at: TIME });
  });

  test("a user's is stored as it is, and calls no webhook", async () => {
    const { post, messages } = partner();
    mainApp.events.length = 0;
    expect((await post(messages, '{"content":"hi"}')).json()).toMatchObject({ seq: 3, role: "user", content_json: {} });
    expect(mainApp.events).toEqual([]);
  });

  test.each(["{}", '{"content":null}'])("of %s has no text", async (body) => {
    const { post, messages } = partner();
    expect((await post(messages, body)).json()).toMatchObject({ content: null, content_json: {} });
  });

  test("of 1 MB, or with an empty text, is stored", async () => {
    const { post, messages } = partner();
    for (const content of ["x".repeat(1_000_000), ""])
      expect((await post(messages, JSON.stringify({ content }))).json()).toMatchObject({ content });
  });

  test("posted twice is there twice, whatever it says of its id", async () => {
    const { post, messages, stored } = partner();
    const body = `{"content":"a","id":"${UNKNOWN}","seq":9,"role":"user"}`;
    const posts = [1, 2].map(() => post(`${messages}/assistant`, body, { "idempotency-key": "k" }));
    expect((await Promise.all(posts)).map(({ status }) => status)).toEqual([200, 200]);
    expect(stored()).toEqual([3, 4].map((seq) => ({ seq, role: "assistant", content: "a" })));
  });

  test("twenty at once have twenty seqs, without a gap", async () => {
    const { post, messages } = partner();
    const posts = await Promise.all(Array.from({ length: 20 }, () => post(messages, '{"content":"a"}')));
    const seqs = posts.map(({ json }) => json().seq).sort((a, b) => a - b);
    expect(seqs).toEqual(Array.from({ length: 20 }, (_, i) => i + 3));
  });

  test("are listed oldest first; before_seq and limit give the oldest of the earlier ones", async () => {
    const { post, get, messages } = partner();
    for (const content of ["c", "d"]) await post(messages, JSON.stringify({ content }));
    const seqs = async (query: string) => (await get(messages + query)).json().map(({ seq }: { seq: number }) => seq);
    expect(await seqs("")).toEqual([1, 2, 3, 4]);
    expect(await seqs("?before_seq=4&limit=2")).toEqual([1, 2]);
    expect(await seqs("?limit=1")).toEqual([1]);
    expect(await seqs("?limit=1.0&limit=2")).toEqual([1, 2]);
    expect((await get(messages)).json()[0]).toMatchObject({
      role: "assistant",
      content: GREETING,
      content_json: { source: "system" },
    });
  });
});

describe("threads", () => {
  test("a new one has the greeting, and its subscriber", async () => {
    const { post, app } = partner();
    const made = (await post("/threads", '{"customer_id":"cust-2","title":"t2"}')).json();
    const times = { created_at: TIME, updated_at: TIME };
    const ids = { id: ID, app_id: app.id, subscriber_id: ID };
    expect(made.thread).toEqual({ title: "t2", customer_id: "cust-2", ...ids, status: "active", ...times });
    expect(made.initial_message).toMatchObject({ thread_id: made.thread.id, seq: 1, role: "assistant", content: GREETING });
    expect(Object.keys(made.thread).join()).toBe("title,customer_id,id,app_id,subscriber_id,status,created_at,updated_at");
    expect((await post("/threads", "{}")).json().thread).toMatchObject({ title: null, customer_id: null, subscriber_id: null });
  });

  test("may have a customer id of 128 characters", async () => {
    const customer_id = "😀".repeat(128);
    expect((await partner().post("/threads", JSON.stringify({ customer_id }))).json().thread).toMatchObject({ customer_id });
  });

  test("are listed in pages, the newest change first; the last page has no cursor", async () => {
    const { post, get, messages, thread } = partner();
    const made = (await post("/threads", '{"customer_id":"c"}')).json().thread.id;
    const third = (await post("/threads", "{}")).json().thread.id;
    await post(messages, '{"content":"a change"}');
    const first = (await get("/threads?limit=2")).json();
    expect(first.items.map(({ id }: { id: string }) => id)).toEqual([thread.id, third]);
    const second = (await get(`/threads?limit=2&cursor=${first.next_cursor}`)).json();
    expect(second).toMatchObject({ items: [{ id: made }], next_cursor: null });
    expect((await get("/threads?customer_id=c")).json().items).toMatchObject([{ id: made }]);
    expect((await get("/threads?status=archived")).json()).toEqual({ items: [], next_cursor: null });
  });
});

describe("subscribers", () => {
  test("are listed with their last message, and searched", async () => {
    const { post, get, thread, app } = partner();
    await post("/threads", '{"customer_id":"Émile"}');
    await post(`/threads/${thread.id}/messages`, '{"content":"as user"}');
    const first = (await get("/subscribers?limit=1")).json();
    const times = { created_at: TIME, last_seen_at: TIME, last_message_at: TIME };
    const person = { id: ID, app_id: app.id, customer_id: "customer-1", display_name: "customer-1", ...times };
    expect(first.items).toEqual([{ ...person, thread_count: 1, last_message_preview: "as user" }]);
    const second = (await get(`/subscribers?limit=1&cursor=${first.next_cursor}`)).json();
    expect(second).toMatchObject({ items: [{ customer_id: "Émile", last_message_at: null }], next_cursor: null });
    expect((await get("/subscribers?q=éM")).json().items).toHaveLength(1);

    const [{ id }] = first.items;
    expect((await get(`/subscribers/${id}`)).json()).toEqual({ ...person, metadata_json: {} });
    expect((await get(`/subscribers/${id}/threads`)).json()).toMatchObject({
      items: [{ id: thread.id, message_count: 3, last_message_preview: "as user", last_message_at: TIME }],
      next_cursor: null,
    });
    expect(await get(`/subscribers/${UNKNOWN}`)).toMatchObject({
      status: 404,
      text: '{"detail":"ERROR_SUBSCRIBER_NOT_FOUND"}',
    });
  });
});
