import { describe, expect, test } from "vitest";
import { started } from "../contract/index.ts";
import { payload } from "../support/payload.ts";
import { signedRequest } from "../support/signing.ts";
import { postSingleBytes } from "../support/single-bytes.ts";
import { nodeServer, wranglerDev } from "./servers.ts";

const SECRET = "strangers do not know it";
const MIB = 1_048_576;

describe.each([nodeServer, wranglerDev])("$name, attacked by strangers", (starting) => {
  const target = started(starting, { WEBHOOK_SECRET: SECRET });

  test("refuses a megabyte in single bytes early, and answers others as ever", { timeout: 60_000 }, async () => {
    const { port = 0 } = target();
    const attacks = Array.from({ length: 4 }, () => postSingleBytes(port, MIB));
    const good = await target().send(await signedRequest(SECRET, target().now(), JSON.stringify(payload("hello"))));
    expect(good.status).toBe(200);
    for (const answer of await Promise.all(attacks)) {
      expect(answer).toMatch(/^HTTP\/1\.1 413 /);
      expect(answer).toContain('"code":"body_too_fragmented"');
    }
  });
});
