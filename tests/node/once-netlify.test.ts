import { afterEach, describe, expect, test, vi } from "vitest";
import { blobsOnceStore } from "../../functions/webhook/once-store.ts";
import type { Fault, LockedBlobs } from "../once/locked-blobs.ts";
import { copier, netlifyFunction, replyOf } from "../once/netlify-function.ts";

type Webhook = Awaited<ReturnType<typeof netlifyFunction>>;

const KEY = `${Math.floor(Date.now() / 1000)}-key`;
const LEASE_MS = 34_000;

let webhook: Webhook | undefined;
async function started(settings?: Record<string, string>): Promise<Webhook> {
  webhook = await netlifyFunction(settings);
  return webhook;
}
afterEach(() => webhook?.stop());

describe("copies of a signed request on Netlify", () => {
  test("another instance gives a copy the first one's answer", async () => {
    const { instance, settled, blobs } = await started();
    const copy = await copier();
    const first = await instance(() => "from the first");
    expect(await replyOf(await first(copy("/")))).toBe("from the first");
    await settled();
    const second = await instance(() => "from the second");
    expect(await replyOf(await second(copy("/")))).toBe("from the first");
    expect(await replyOf(await second(copy("/stream")))).toBe("from the first");
    expect(await blobs.keys()).toHaveLength(1);
  });

  test("a message costs one request to Blobs before the reply", async () => {
    const { instance, settled, blobs } = await started();
    const send = await instance(() => JSON.stringify(blobs.answers));
    expect(await replyOf(await send((await copier())("/")))).toBe('["PUT 200"]');
    await settled();
  });

  test("without Netlify Blobs, each copy runs the reply, and nothing is logged of it", async () => {
    const { instance, settled, skipped, blobs } = await started();
    vi.stubGlobal("netlifyBlobsContext", undefined);
    let runs = 0;
    const send = await instance(() => `run ${++runs}`);
    const copy = await copier();
    expect(await replyOf(await send(copy("/")))).toBe("run 1");
    expect(await replyOf(await send(copy("/stream")))).toBe("run 2");
    await settled();
    expect([skipped(), blobs.answers]).toEqual([[], []]);
  });

  test("with RUN_ONCE=false, Blobs are never asked", async () => {
    const { instance, settled, blobs } = await started({ RUN_ONCE: "false" });
    const send = await instance(() => "");
    await replyOf(await send((await copier())("/")));
    await settled();
    expect(blobs.answers).toEqual([]);
  });
});

describe("Netlify Blobs that fail change no answer", () => {
  const always = (fault: Fault) => (blobs: LockedBlobs) => {
    blobs.fault = () => fault;
  };
  const only = (faulty: string, fault: Fault) => (blobs: LockedBlobs) => {
    blobs.fault = (method) => (method === faulty ? fault : undefined);
  };
  test.each<[string, (blobs: LockedBlobs) => unknown]>([
    ["are stopped", (blobs) => blobs.stop()],
    ["never answer", always("hang")],
    ["fail", always({ status: 500, body: "no" })],
    ["are busy", always({ status: 429 })],
    ["refuse the token", always({ status: 401 })],
    ["answer with garbage", always({ status: 200, body: "<html>" })],
    ["refuse each write because of its condition", only("PUT", { status: 412 })],
    ["fail to write", only("PUT", { status: 503 })],
    ["write, and fail to read", only("GET", { status: 500 })],
    ["never end reading", only("GET", "hang")],
  ])("if they %s", async (_, breakThem) => {
    const { instance, blobs } = await started();
    await breakThem(blobs);
    const reply = () => "the reply";
    const [first, second] = [await instance(reply), await instance(reply)];
    const copy = await copier();
    expect(await replyOf(await first(copy("/")))).toBe("the reply");
    expect(await replyOf(await second(copy("/stream")))).toBe("the reply");
  });

  test("the log says once what is wrong, and each question is asked once", async () => {
    const { instance, settled, skipped, blobs } = await started();
    always({ status: 503 })(blobs);
    const send = await instance(() => "");
    await replyOf(await send((await copier())("/")));
    await settled();
    expect(skipped()).toEqual([expect.stringContaining("(status 503)")]);
    expect(blobs.answers).toEqual(["PUT 503", "GET 503"]);
  });

  test("a claim that was not written is no claim, though the client says `modified`", async () => {
    const { blobs } = await started();
    const [first, second] = [blobsOnceStore(), blobsOnceStore()];
    const claim = (await first.claim(KEY, LEASE_MS)) as { token: string };
    only("PUT", { status: 409 })(blobs);
    expect(await second.claim(KEY, LEASE_MS)).toBe("running");
    await expect(second.claim(`${KEY}2`, LEASE_MS)).rejects.toThrow("takes no claim");
    await expect(first.keep(KEY, claim.token, "answer", LEASE_MS)).rejects.toThrow("did not write");
    blobs.fault = () => undefined;
    expect(await second.claim(KEY, LEASE_MS)).toBe("running");
  });
});

test("claims of one moment have different tokens, though an ETag is made from the content", async () => {
  await started();
  vi.spyOn(Date, "now").mockReturnValue(Date.now());
  const store = blobsOnceStore();
  const first = (await store.claim(KEY, LEASE_MS)) as { token: string };
  await store.release(KEY, first.token);
  expect(await store.claim(KEY, LEASE_MS)).not.toEqual(first);
});

describe("sweeping Netlify Blobs", () => {
  const key = (secondsAgo: number) => `${Math.floor(Date.now() / 1000) - secondsAgo}-${crypto.randomUUID()}`;
  const old = () => key(635);

  test("a message deletes what is older than ten minutes and a lease, after its answer", async () => {
    const { instance, settled, blobs } = await started();
    const store = blobsOnceStore();
    const young = key(630);
    await store.claim(young, LEASE_MS);
    for (let i = 0; i < 3; i++) await store.claim(old(), LEASE_MS);
    const send = await instance(() => JSON.stringify(blobs.answers.slice(4)));
    expect(await replyOf(await send((await copier())("/")))).toBe('["PUT 200"]');
    await settled();
    const left = await blobs.keys();
    expect(left).toHaveLength(2);
    expect(left).toContain(young);
  });

  test("what is not signed causes no sweep", async () => {
    const { instance, settled, blobs } = await started();
    const send = await instance(() => "");
    expect((await send(new Request("http://localhost/"))).status).toBe(200);
    const init = { method: "POST", headers: { "content-type": "application/json" }, body: "{}" };
    expect((await send(new Request("http://localhost/", init))).status).toBe(401);
    await settled();
    expect(blobs.answers).toEqual([]);
  });

  test("an instance sweeps once a minute, and at once again if more than 200 were old", async () => {
    const { blobs } = await started();
    const store = blobsOnceStore();
    await Promise.all(Array.from({ length: 205 }, () => store.claim(old(), LEASE_MS)));
    await store.sweep();
    expect(await blobs.keys()).toHaveLength(5);
    await store.sweep();
    expect(await blobs.keys()).toEqual([]);
    const before = blobs.answers.length;
    await store.sweep();
    expect(blobs.answers).toHaveLength(before);
    vi.spyOn(Date, "now").mockReturnValue(Date.now() + 60_000);
    await store.sweep();
    expect(blobs.answers.slice(before)).toEqual(["GET 200"]);
  });

  test("a sweep that fails is tried again later", async () => {
    const { blobs } = await started();
    const store = blobsOnceStore();
    await store.claim(old(), LEASE_MS);
    blobs.fault = (method) => (method === "DELETE" ? { status: 500 } : undefined);
    await store.sweep();
    blobs.fault = () => undefined;
    expect(await blobs.keys()).toHaveLength(1);
    vi.spyOn(Date, "now").mockReturnValue(Date.now() + 60_000);
    await store.sweep();
    expect(await blobs.keys()).toEqual([]);
  });
});
