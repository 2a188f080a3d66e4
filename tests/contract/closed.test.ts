import { describe, expect, test } from "vitest";
import { netlifyRuntime, wranglerDev } from "../http/servers.ts";
import { payload } from "../support/payload.ts";
import { unsigned } from "../support/signing.ts";
import { jsonOf } from "../support/target.ts";
import { startBeforeAll } from "./index.ts";

const BODY = JSON.stringify(payload("hello"));

describe.each([wranglerDev, netlifyRuntime])(
  "a fresh deployment ($name), with only the settings of the repository",
  (starter) => {
    const target = startBeforeAll(starter, { REQUIRE_SIGNATURE: undefined });

    test("refuses every message with 503 not_configured", async () => {
      for (const path of ["/", "/stream"]) {
        const answer = await target().send(unsigned(BODY, { path }));
        expect([answer.status, jsonOf(answer).code]).toEqual([503, "not_configured"]);
      }
    });
  },
);
