import { describe, expect, test } from "vitest";
import { startBeforeAll, type TargetStarter } from "../contract/index.ts";
import { payload } from "../support/payload.ts";
import { signedRequest } from "../support/signing.ts";
import { postSingleBytes } from "../support/single-bytes.ts";
import { nodeServer, wranglerDev } from "./servers.ts";

const SECRET = "strangers do not know it";
const MIB = 1_048_576;
const REFUSED = /^HTTP\/1\.1 413 .*"code":"body_too_fragmented"/s;

const targets: [TargetStarter, RegExp][] = [
  [nodeServer, REFUSED],
  // Its proxy may lose an answer that comes before the end of the request. It then answers 500, or nothing.
  [wranglerDev, new RegExp(`${REFUSED.source}|^HTTP/1\\.1 500 .*Network connection lost|^$`, "s")],
];

describe.each(targets.map(([starter, refused]) => ({ name: starter.name, starter, refused })))(
  "$name, attacked by strangers",
  ({ starter, refused }) => {
    const target = startBeforeAll(starter, { WEBHOOK_SECRET: SECRET });

    test("refuses a megabyte in single bytes early, and still answers others", { timeout: 60_000 }, async () => {
      const { port = 0 } = target();
      const attacks = Array.from({ length: 4 }, () => postSingleBytes(port, MIB));
      const good = await target().send(await signedRequest(SECRET, target().now(), JSON.stringify(payload("hello"))));
      expect(good.status).toBe(200);
      for (const answer of await Promise.all(attacks)) expect(answer).toMatch(refused);
    });
  },
);
