import { afterAll, beforeAll, describe, vi } from "vitest";
import { blobsOnceStore } from "../../functions/webhook/once-store.ts";
import { memoryStore } from "../../shared/once/memory.ts";
import { TestClock } from "../../shared/test-clock.ts";
import { type LockedBlobs, lockedBlobs } from "../once/locked-blobs.ts";
import { storePromises } from "../once/store-promises.ts";

describe("the store in memory", () => storePromises(() => memoryStore(new TestClock())));

describe.each([
  ["with ETags of the content, as deployed", { ofContent: true }],
  ["without ETags for reading, as in netlify dev", { ofContent: false }],
])("the store in Netlify Blobs %s", (_, options) => {
  let blobs: LockedBlobs;
  beforeAll(async () => {
    blobs = await lockedBlobs(options);
    vi.stubGlobal("netlifyBlobsContext", blobs.context);
  });
  afterAll(async () => {
    vi.unstubAllGlobals();
    await blobs.stop();
  });
  storePromises(blobsOnceStore);
});
