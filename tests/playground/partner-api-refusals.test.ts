import { request } from "node:http";
import { describe, expect, test } from "vitest";
import { SECRET } from "./main-app.ts";
import { onlyMainApp } from "./started.ts";

const { mainApp, partner } = await onlyMainApp();

const UNKNOWN = "00000000-0000-4000-8000-000000000000";

describe("refused:", () => {
  const refused = (status: number, detail: string) => ({ status, text: JSON.stringify({ detail }) });
  const ask = (path: string, headers: Record<string, string>) => mainApp.call("GET", path, undefined, headers);

  test.each([
    ["a wrong secret", { "x-app-secret": "wrong" }, "ERROR_PARTNER_API_APP_OR_SECRET_INVALID"],
    ["one that differs in a letter", { "x-app-secret": SECRET.replace("t", "T") }, "ERROR_PARTNER_API_APP_OR_SECRET_INVALID"],
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
  const noDict = (input: unknown) => issue("dict_type", ["body", "content_json"], "Input should be a valid dictionary", input);
  const outside = (type: string, than: string, input: string, ctx: object) =>
    issue(type, ["query", "limit"], `Input should be ${than}`, input, ctx);
  const noInteger = (name: string, input: string) =>
    issue("int_parsing", ["query", name], "Input should be a valid integer, unable to parse string as an integer", input);
  const uuid = "invalid character: expected an optional prefix of `urn:uuid:` followed by [0-9a-fA-F-], found `n` at 1";
  const noUuid = issue("uuid_parsing", ["path", "thread_id"], `Input should be a valid UUID, ${uuid}`, "nope", { error: uuid });

  test.each([
    ["a thread id that is no UUID", "/threads/nope/messages", [noUuid]],
    ["limit 0", "MESSAGES?limit=0", [outside("greater_than_equal", "greater than or equal to 1", "0", { ge: 1 })]],
    ["limit 201", "/threads?limit=201", [outside("less_than_equal", "less than or equal to 200", "201", { le: 200 })]],
    ["two that are no numbers", "MESSAGES?limit=x&before_seq=", [noInteger("before_seq", ""), noInteger("limit", "x")]],
  ])("422: %s", async (_, path, detail) => {
    const { get, messages } = partner();
    expect(await get(path.replace("MESSAGES", messages))).toMatchObject({ status: 422, text: JSON.stringify({ detail }) });
  });

  const noObject = "Input should be a valid dictionary or object to extract fields from";
  const noText = issue("string_type", ["body", "content"], "Input should be a valid string", 5);
  const tooLong = "😀".repeat(129);
  const atMost = "String should have at most 128 characters";
  const noJson = { error: "Expecting ',' delimiter" };
  test.each([
    ["a number as content, a list as content_json", '{"content":5,"content_json":[1]}', [noText, noDict([1])]],
    ["null as content_json", '{"content_json":null}', [noDict(null)]],
    ["a scalar as content_json", '{"content_json":"x"}', [noDict("x")]],
    ["a list as body", "[1]", [issue("model_attributes_type", ["body"], noObject, [1])]],
    ["no body", "", [issue("missing", ["body"], "Field required", null)]],
    ["a body that is not JSON", '{"é":1 x}', [issue("json_invalid", ["body", 7], "JSON decode error", {}, noJson)]],
  ])("422: %s", async (_, body, detail) => {
    const { post, messages } = partner();
    for (const path of [messages, `${messages}/assistant`])
      expect(await post(path, body)).toMatchObject({ status: 422, text: JSON.stringify({ detail }) });
  });

  test("422: a customer id of 129 characters", async () => {
    const detail = [issue("string_too_long", ["body", "customer_id"], atMost, tooLong, { max_length: 128 })];
    const answer = await partner().post("/threads", JSON.stringify({ customer_id: tooLong }));
    expect(answer).toMatchObject({ status: 422, text: JSON.stringify({ detail }) });
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
