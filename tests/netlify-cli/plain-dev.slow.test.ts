import { describe, expect, test } from "vitest";
import { startBeforeAll } from "../contract/index.ts";
import { netlifyDev } from "../http/servers.ts";
import { expectAnyReply } from "../support/any-reply.ts";
import { payload } from "../support/payload.ts";
import { unsigned } from "../support/signing.ts";
import { jsonOf } from "../support/target.ts";

const BODY = JSON.stringify(payload("hello"));

describe("plain netlify dev, with only the settings of netlify.toml", () => {
  const target = startBeforeAll(netlifyDev, { REQUIRE_SIGNATURE: undefined });

  test("answers unsigned messages", async () => {
    const answer = await target().send(unsigned(BODY));
    expectAnyReply(answer);
  });
});

describe("netlify dev with a setting of the shell", () => {
  const target = startBeforeAll(netlifyDev, { REQUIRE_SIGNATURE: "true" });

  test("uses the setting of the shell", async () => {
    const answer = await target().send(unsigned(BODY));
    expect([answer.status, jsonOf(answer).code]).toEqual([503, "not_configured"]);
  });
});
