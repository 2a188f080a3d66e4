import { describe, expect, test } from "vitest";
import { answer } from "./raw-webhook.ts";
import { mainAppAndWebhook } from "./started.ts";

const { mainApp, webhook, chatWith } = await mainAppAndWebhook();

describe("a refused URL: the Test button says why, and /run answers 500", () => {
  const blocked = (host: string) => `Webhook URL host '${host}' is blocked`;
  const isPrivate = (host: string) => `${blocked(host)} (private network)`;
  const scheme = (name: string) => `Webhook URL must use http or https scheme, got '${name}'`;
  test.each([
    ["http://127.0.0.1:8081", blocked("127.0.0.1")],
    ["http://0.0.0.0:8081", blocked("0.0.0.0")],
    ["http://10.0.0.1/", isPrivate("10.0.0.1")],
    ["http://10.example.com", isPrivate("10.example.com")],
    ["http://192.168.1.1", isPrivate("192.168.1.1")],
    ["http://169.254.169.254/latest", isPrivate("169.254.169.254")],
    ["http://localhost@127.0.0.1/", blocked("127.0.0.1")],
    ["ftp://localhost", scheme("ftp")],
    ["localhost:8081", scheme("localhost")],
    ["//localhost", scheme("")],
    ["http://", "Webhook URL must have a host"],
    ["http:localhost", "Webhook URL must have a host"],
  ])("%s", async (url, error) => {
    const chat = mainApp.chat({ webhookUrl: url });
    expect((await chat.test()).json()).toMatchObject({ ok: false, error, status_code: null, signature_sent: false });
    expect(await chat.run()).toMatchObject({ status: 500, text: '{"detail":"ERROR_INTERNAL"}' });
    expect((await chat.stream()).whole).toBe(false);
  });

  test("an empty one, in the form", async () => {
    expect((await mainApp.chat({}).test("")).json()).toMatchObject({ ok: false, error: "Webhook URL must not be empty" });
  });

  test.each(["http://localhost:99999/", "http://a b/", " http://localhost/", "http://localhost/\u0001"])(
    "%o, which the HTTP client cannot read, is an error of the connection for the Test button",
    async (url) => {
      const chat = mainApp.chat({ webhookUrl: url });
      expect((await chat.test()).json()).toMatchObject({
        ok: false,
        error: "WEBHOOK_TEST_CONNECTION_ERROR",
        signature_sent: true,
      });
      expect((await chat.run()).status).toBe(500);
    },
  );
});

test.each([
  ["", "/"],
  ["/stream", "/stream"],
  ["/stream/v1?tenant=a%20b&x=1#part", "/stream/v1?tenant=a%20b&x=1"],
  ["/a/../c", "/c"],
  ["//double", "//double"],
  ["/é?q=é", "/%C3%A9?q=%C3%A9"],
  ["/trailing ", "/trailing%20"],
])("the path of %s is sent as %s", async (path, sent) => {
  const chat = chatWith(answer('{"reply":"a"}'), { webhookUrl: `http://localhost:${webhook.port}${path}` });
  expect((await chat.test()).json()).toMatchObject({ ok: true });
  expect((await chat.run()).json()).toMatchObject({ status: "completed" });
  expect(webhook.requests.map(({ head }) => head.split("\r\n")[0])).toEqual(Array(2).fill(`POST ${sent} HTTP/1.1`));
});

test.each(["localhost", "LOCALHOST", "127.1", "2130706433"])("the host %s is called", async (host) => {
  const chat = chatWith(answer('{"reply":"a"}'), { webhookUrl: `http://${host}:${webhook.port}/` });
  expect((await chat.run()).json()).toMatchObject({ status: "completed" });
});

test("a user name and a password are sent as Basic authorization, last", async () => {
  await chatWith(answer('{"reply":"a"}'), { webhookUrl: `http://user:p%40ss@localhost:${webhook.port}/` }).run();
  expect(webhook.requests[0]?.head).toMatch(/\r\nAuthorization: Basic dXNlcjpwQHNz$/);
});
