import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SECRET, startMainApp } from "./main-app.ts";

let mainApp: Awaited<ReturnType<typeof startMainApp>>;
beforeAll(async () => {
  mainApp = await startMainApp();
});
afterAll(() => mainApp[Symbol.dispose]());

const UNKNOWN = "00000000-0000-4000-8000-000000000000";
const ID = expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/);
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z$/);
const GREETING = "Hello there! How can I help you today?";

/** An App with a thread, and calls with its secret. */
function partner() {
  const chat = mainApp.chat({});
  const get = (path: string) => mainApp.call("GET", `/apps/${chat.app.id}${path}`, undefined, chat.partner);
  const post = (path: string, body: string | Uint8Array<ArrayBuffer>, headers = {}) =>
    mainApp.call("POST", `/apps/${chat.app.id}${path}`, body, { ...chat.partner, ...headers });
  const messages = `/threads/${chat.thread.id}/messages`;
  return { ...chat, get, post, messages };
}

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
    expect(Object.keys(made.thread)).toEqual([
      "title",
      "customer_id",
      "id",
      "app_id",
      "subscriber_id",
      "status",
      "created_at",
      "updated_at",
    ]);
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

describe("refused:", () => {
  const refused = (status: number, detail: string) => ({ status, text: JSON.stringify({ detail }) });
  const ask = (path: string, headers: Record<string, string>) => mainApp.call("GET", path, undefined, headers);

  test.each([
    ["a wrong secret", { "x-app-secret": "wrong" }, "ERROR_PARTNER_API_APP_OR_SECRET_INVALID"],
    [
      "a secret that differs in one letter",
      { "x-app-secret": SECRET.replace("t", "T") },
      "ERROR_PARTNER_API_APP_OR_SECRET_INVALID",
    ],
    ["an empty secret", { "x-app-secret": "" }, "ERROR_PARTNER_API_APP_OR_SECRET_INVALID"],
    ["no X-App-Id", { "x-app-id": undefined }, "ERROR_PARTNER_API_UNAUTHORIZED"],
    ["no X-App-Secret", { "x-app-secret": undefined }, "ERROR_PARTNER_API_UNAUTHORIZED"],
    ["another App's X-App-Id", { "x-app-id": UNKNOWN }, "ERROR_PARTNER_API_APP_ID_MISMATCH"],
    ["an X-App-Id that is no UUID", { "x-app-id": "my-app" }, "ERROR_PARTNER_API_INVALID_APP_HEADER"],
  ])("%s", async (_, changes, detail) => {
    const { partner: headers, app, messages } = partner();
    const changed = Object.entries({ ...headers, ...changes }).filter(([, value]) => value !== undefined);
    expect(await ask(`/apps/${app.id}${messages}`, Object.fromEntries(changed) as Record<string, string>)).toMatchObject(
      refused(401, detail),
    );
  });

  test.each([
    ["an App without a secret", null, 401, "ERROR_PARTNER_API_APP_OR_SECRET_INVALID"],
    ["a secret with outer spaces", " padded ", 401, "ERROR_PARTNER_API_APP_OR_SECRET_INVALID"],
    ["a stored secret that is not ASCII", "clé", 500, "ERROR_INTERNAL"],
  ])("%s", async (_, secret, status, detail) => {
    const { path, app } = mainApp.chat({ secret });
    const headers = { "x-app-id": app.id, "x-app-secret": secret === " padded " ? secret : "x" };
    expect(await ask(`${path}/messages`, headers)).toMatchObject(refused(status, detail));
  });

  test("a sent secret that is not ASCII", async () => {
    const { path, partner } = mainApp.chat({});
    expect(await ask(`${path}/messages`, { ...partner, "x-app-secret": "cl\xe9" })).toMatchObject(
      refused(500, "ERROR_INTERNAL"),
    );
  });

  test("an unknown thread, and another App's", async () => {
    const { get } = partner();
    for (const id of [UNKNOWN, mainApp.chat({}).thread.id])
      expect(await get(`/threads/${id}/messages`)).toMatchObject(refused(404, "ERROR_THREAD_NOT_FOUND"));
  });

  test("what only a person who is logged in may do", async () => {
    const { app, path, partner } = mainApp.chat({});
    const calls = [
      ...[`POST ${path}/run`, `GET ${path}/run/stream`, `GET /apps/${app.id}`, `GET /threads/${UNKNOWN}`],
      ...[`GET /messages/${UNKNOWN}`, `POST /apps/${app.id}/webhook/test`],
    ];
    for (const call of calls) {
      const [method = "", url = ""] = call.split(" ");
      expect(await mainApp.call(method, url, undefined, partner), call).toMatchObject(refused(401, "Unauthorized"));
    }
  });

  const issue = (type: string, loc: unknown[], msg: string, input: unknown, ctx?: object) => ({ type, loc, msg, input, ctx });
  const uuid = "invalid character: expected an optional prefix of `urn:uuid:` followed by [0-9a-fA-F-], found `n` at 1";
  const notAnObject = "Input should be a valid dictionary or object to extract fields from";
  test.each([
    [
      "a thread id that is no UUID",
      "GET",
      "/threads/nope/messages",
      undefined,
      [issue("uuid_parsing", ["path", "thread_id"], `Input should be a valid UUID, ${uuid}`, "nope", { error: uuid })],
    ],
    [
      "limit 0",
      "GET",
      "MESSAGES?limit=0",
      undefined,
      [issue("greater_than_equal", ["query", "limit"], "Input should be greater than or equal to 1", "0", { ge: 1 })],
    ],
    [
      "limit 201",
      "GET",
      "/threads?limit=201",
      undefined,
      [issue("less_than_equal", ["query", "limit"], "Input should be less than or equal to 200", "201", { le: 200 })],
    ],
    [
      "two that are no numbers",
      "GET",
      "MESSAGES?limit=x&before_seq=",
      undefined,
      [
        issue(
          "int_parsing",
          ["query", "before_seq"],
          "Input should be a valid integer, unable to parse string as an integer",
          "",
        ),
        issue("int_parsing", ["query", "limit"], "Input should be a valid integer, unable to parse string as an integer", "x"),
      ],
    ],
    [
      "a number as content, a list as content_json",
      "POST",
      "MESSAGES",
      '{"content":5,"content_json":[1]}',
      [
        issue("string_type", ["body", "content"], "Input should be a valid string", 5),
        issue("dict_type", ["body", "content_json"], "Input should be a valid dictionary", [1]),
      ],
    ],
    [
      "null as content_json",
      "POST",
      "MESSAGES",
      '{"content_json":null}',
      [issue("dict_type", ["body", "content_json"], "Input should be a valid dictionary", null)],
    ],
    [
      "a scalar as content_json",
      "POST",
      "MESSAGES/assistant",
      '{"content_json":"x"}',
      [issue("dict_type", ["body", "content_json"], "Input should be a valid dictionary", "x")],
    ],
    [
      "a customer id of 129 characters",
      "POST",
      "/threads",
      JSON.stringify({ customer_id: "😀".repeat(129) }),
      [
        issue("string_too_long", ["body", "customer_id"], "String should have at most 128 characters", "😀".repeat(129), {
          max_length: 128,
        }),
      ],
    ],
    ["a list as body", "POST", "MESSAGES", "[1]", [issue("model_attributes_type", ["body"], notAnObject, [1])]],
    ["no body", "POST", "MESSAGES", "", [issue("missing", ["body"], "Field required", null)]],
    [
      "a body that is not JSON",
      "POST",
      "MESSAGES",
      '{"é":1 x}',
      [issue("json_invalid", ["body", 7], "JSON decode error", {}, { error: "Expecting ',' delimiter" })],
    ],
  ])("422: %s", async (_, method, path, body, detail) => {
    const { get, post, messages } = partner();
    const url = path.replace("MESSAGES", messages);
    const { status, text } = method === "GET" ? await get(url) : await post(url, body ?? "");
    expect([status, text]).toEqual([422, JSON.stringify({ detail })]);
  });

  test("a body that says it is no JSON", async () => {
    const { post, messages } = partner();
    const { status, json } = await post(messages, '{"content":"a"}', { "content-type": "text/plain" });
    expect([status, json().detail[0].type]).toEqual([422, "model_attributes_type"]);
    const typed = await post(messages, '{"content":"a"}', { "content-type": "application/json; charset=utf-8" });
    expect(typed.status).toBe(200);
  });

  test.each([
    ["U+0000 in the content", '{"content":"\\u0000"}'],
    ["U+0000 in content_json", '{"content_json":{"\\u0000":1}}'],
    ["a lone surrogate in the content", '{"content":"\\ud83d"}'],
    ["a lone surrogate in content_json", '{"content_json":{"a":["\\ud83d"]}}'],
    ["NaN", '{"content_json":{"a":NaN}}'],
    ["a number beyond the floats", '{"content_json":{"a":1e400}}'],
    ["NaN where an object must be", '{"content_json":NaN}'],
  ])("500: %s", async (_, body) => {
    const { post, messages, stored } = partner();
    expect(await post(`${messages}/assistant`, body)).toMatchObject(refused(500, "ERROR_INTERNAL"));
    expect(stored()).toEqual([]);
    expect((await post(messages, "{}")).json()).toMatchObject({ seq: 3 });
  });

  test("invalid UTF-8, and a bad cursor", async () => {
    const { post, get, messages } = partner();
    expect(await post(messages, new Uint8Array(Buffer.from('{"content":"\xff"}', "latin1")))).toMatchObject(
      refused(400, "There was an error parsing the body"),
    );
    for (const list of ["/threads", "/subscribers"])
      expect(await get(`${list}?cursor=zzz`)).toMatchObject(refused(400, "ERROR_INVALID_CURSOR"));
  });

  test("a slash at the end, another method, another path", async () => {
    const { get, post, messages, app } = partner();
    const { status, headers } = await get(`${messages}/?limit=1`);
    expect([status, headers.get("location")]).toEqual([307, `${mainApp.base}/apps/${app.id}${messages}?limit=1`]);
    const { status: notAllowed, headers: allowed, text } = await post(`/subscribers`, "{}");
    expect([notAllowed, allowed.get("allow"), text]).toEqual([405, "GET", '{"detail":"Method Not Allowed"}']);
    expect(await mainApp.call("GET", "/nothing")).toMatchObject(refused(404, "Not Found"));
  });
});

describe("a page of another site", () => {
  test("cannot call by a name of its own", async () => {
    const { path, partner } = mainApp.chat({});
    const status = (host: string) => {
      return new Promise((resolve) => {
        const options = { port: mainApp.port, host: "127.0.0.1", path: `${path}/messages`, headers: { ...partner, host } };
        request(options, (response) => resolve(response.resume().statusCode)).end();
      });
    };
    for (const host of ["localhost", `localhost:${mainApp.port}`, "127.0.0.1", "[::1]:8082"])
      expect(await status(host)).toBe(200);
    for (const host of ["evil.example", `localhost.evil.example:${mainApp.port}`, "192.168.1.5"])
      expect(await status(host)).toBe(403);
  });

  test.each([
    { origin: "https://evil.example" },
    { origin: "null" },
    { origin: "http://localhost:3000" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
  ])("cannot call: %o", async (headers) => {
    const chat = mainApp.chat({ mode: "simulator" });
    expect((await mainApp.call("POST", `${chat.path}/run`, undefined, headers)).status).toBe(403);
    expect(chat.stored()).toEqual([]);
    const preflight = { ...headers, "access-control-request-method": "POST" };
    const { status, text } = await mainApp.call("OPTIONS", `${chat.path}/run`, undefined, preflight);
    expect([status, text]).toEqual([400, "Disallowed CORS origin"]);
  });

  test("while the playground's own can", async () => {
    const chat = mainApp.chat({ mode: "simulator" });
    const headers = { origin: mainApp.base, "sec-fetch-site": "same-origin" };
    expect((await mainApp.call("POST", `${chat.path}/run`, undefined, headers)).status).toBe(200);
  });
});
