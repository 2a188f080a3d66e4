import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { createApp } from "../../shared/app.ts";
import { defineReply, type PartnersReply } from "../../shared/define-reply.ts";
import type { Env } from "../../shared/reply-types.ts";
import { readSettings } from "../../shared/settings.ts";

const URL_NEEDED = v.pipe(v.string(), v.url("must be a URL that begins with https://"));

function warningsOf(needs: v.GenericSchema, env: Env): string[] {
  const reply = defineReply({ needs, reply: () => "" });
  return readSettings(env, reply).warnings.filter((warning) => warning.startsWith("The reply"));
}

describe("what a reply needs", () => {
  test("is checked at start-up: each setting that is missing or wrong is named", () => {
    const needs = v.object({
      ORDERS_URL: URL_NEEDED,
      ORDERS_KEY: v.string(),
      SHOP: v.optional(v.string()),
      NOTES: v.object({}),
    });
    expect(warningsOf(needs, { ORDERS_URL: "orders.example" })).toEqual([
      "The reply cannot use ORDERS_URL: must be a URL that begins with https://.",
      "The reply needs ORDERS_KEY, which is not set.",
      "The reply needs NOTES, which is not set.",
    ]);
    expect(warningsOf(needs, { ORDERS_URL: "https://orders.example", ORDERS_KEY: "k", NOTES: {} })).toEqual([]);
  });

  test("is nothing if the reply is a function alone", () => {
    expect(readSettings({ WEBHOOK_SECRET: "s", BACKEND_URL: "https://a.example" }, () => "").warnings).toEqual([]);
  });

  test("counts an empty setting as missing", () => {
    expect(warningsOf(v.object({ KEY: v.string() }), { KEY: "" })).toEqual(["The reply needs KEY, which is not set."]);
    expect(warningsOf(v.object({ KEY: v.optional(URL_NEEDED) }), { KEY: "" })).toEqual([]);
  });

  test.each([
    [v.url(), "not a URL 4711"],
    [v.startsWith("sk-"), "4711-4711"],
    [v.regex(/^x/), "4711 \"quoted\" 4711 'text'"],
    [v.pipe(v.string(), v.trim(), v.toLowerCase(), v.url()), " 4711 ABC "],
    [v.picklist(["a", "b"]), "4711"],
    [v.pipe(v.string(), v.minLength(50)), "4711"],
    [v.pipe(v.string(), v.transform(Number), v.minValue(100_000)), "04711"],
    [v.pipe(v.string(), v.parseJson(), v.number()), '"4711-4711"'],
    [v.pipe(v.string(), v.trim(), v.url()), "4711\nabc"],
  ])("never shows a setting's value, even if the library's message does: %#", (check, value) => {
    const schema = check.kind === "schema" ? check : v.pipe(v.string(), check as v.GenericPipeAction<string>);
    const [warning = "", ...more] = warningsOf(v.object({ KEY: schema as v.GenericSchema }), { KEY: value });
    expect(more).toEqual([]);
    expect(warning).toMatch(/^The reply cannot use KEY: \w/);
    expect(warning).not.toMatch(/4711|abc/i);
  });

  test("a check of several settings at once shows what it says", () => {
    const needs = v.pipe(
      v.looseObject({}),
      v.check(() => false, "SHOP or SHOP_URL must be set"),
    );
    expect(warningsOf(needs, {})).toEqual(["The reply cannot use its settings: SHOP or SHOP_URL must be set."]);
  });

  test.each([undefined, 42, "text", {}])("what is no reply (%o) is named", (reply) => {
    expect(() => createApp({ env: {}, reply: reply as unknown as PartnersReply, log: () => {} })).toThrow(
      "shared/reply.ts must export reply: a function, or what defineReply returns",
    );
  });

  test("can be written with any library that knows Standard Schema", () => {
    const validate = (value: unknown) => {
      const { KEY } = value as Record<string, unknown>;
      return KEY === "right" ? { value: { KEY } } : { issues: [{ message: "is wrong", path: ["KEY"] }] };
    };
    const needs = { "~standard": { version: 1, vendor: "by hand", validate } } as const;
    const reply: PartnersReply = defineReply({ needs, reply: () => "" });
    expect(readSettings({ KEY: "left" }, reply).warnings).toContain("The reply cannot use KEY: is wrong.");
    expect(readSettings({ KEY: "right" }, reply).warnings.join()).not.toContain("KEY");
  });

  test.each([
    ["is wrong", "4711", "is wrong"],
    ["must be a number, but received 4711", "4711", "must be a number"],
    ["must be a number but received\n4711", "4711", "must be a number but received\n…"],
    ["Invalid type: Received 4711", "4711", "Invalid type"],
    ["too short (got 4711)", "4711", "too short"],
    ["must be 5, was 4711", "4711", "must be 5"],
    ["must be 5 was 4711\nor less", "4711", "must be 5"],
    ["4711 is not 4711", "4711", "… is not …"],
    ["is not in the list", "is", "is not in the list"],
    ["the key is wrong", "key", "the key is wrong"],
  ])("shows of the message %j about %j: %j", (message, KEY, shown) => {
    const validate = () => ({ issues: [{ message, path: ["KEY"] }] });
    const needs = { "~standard": { version: 1, vendor: "by hand", validate } } as const;
    const reply = defineReply({ needs, reply: () => "" });
    expect(readSettings({ KEY }, reply).warnings).toContain(`The reply cannot use KEY: ${shown}.`);
  });

  test("cannot be checked asynchronously, and that is said", () => {
    const needs = v.objectAsync({ KEY: v.string() });
    const reply = defineReply({ needs, reply: () => "" });
    expect(readSettings({ KEY: "k" }, reply).warnings.join()).toContain("The reply's needs are checked asynchronously");
  });

  test("gives env its type and its values: defaults, bindings, and nothing else", async () => {
    const binding = { get: () => "from the binding" };
    const needs = v.object({
      SHOP: v.optional(v.string(), "Acme"),
      LIMIT: v.pipe(v.string(), v.transform(Number)),
      NOTES: v.custom<typeof binding>((value) => typeof value === "object"),
    });
    const reply = defineReply({
      needs,
      reply: ({ env }) => [env.SHOP, env.LIMIT + 1, env.NOTES.get(), Object.keys(env)].join(),
    });
    const app = createApp({ env: { LIMIT: "41", NOTES: binding, OTHER: "x" }, reply, log: () => {} });
    const headers = { "content-type": "application/json" };
    const body = '{"event":"message_received","app":{"id":"a"},"thread":{"id":"t"},"message":{"content":"?"}}';
    const answer = await app.request("/", { method: "POST", headers, body });
    expect(await answer.json()).toEqual({ reply: "Acme,42,from the binding,SHOP,LIMIT,NOTES" });
  });
});
