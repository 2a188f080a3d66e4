import { expect, test } from "vitest";
import type { Claim, OnceStore } from "../../shared/once/store.ts";

/** Long enough for any of these tests, in milliseconds. */
const LONG_MS = 600_000;
const AT_ONCE = 20;
let keys = 0;

/** A key as the webhook makes it, which no other test has. */
function newKey(timestamp = Math.floor(Date.now() / 1000)): string {
  return `${timestamp}-${String(++keys).padStart(64, "0")}`;
}

async function claimed(store: OnceStore, key: string, leaseMs = LONG_MS): Promise<string> {
  const claim = await store.claim(key, leaseMs);
  if (typeof claim !== "object" || !("token" in claim)) throw new Error(`no token: ${JSON.stringify(claim)}`);
  return claim.token;
}

/** What so many callers at once are told. */
function allAtOnce(store: OnceStore, key: string): Promise<Claim[]> {
  return Promise.all(Array.from({ length: AT_ONCE }, () => store.claim(key, LONG_MS)));
}

function expectOneToken(claims: Claim[]): void {
  expect(claims.filter((claim) => claim === "running")).toHaveLength(AT_ONCE - 1);
  expect(claims.filter((claim) => typeof claim === "object" && "token" in claim)).toHaveLength(1);
}

/** What each store promises (shared/once/store.ts). A lease of 0 ms is over at once, so that no test waits. */
export function storePromises(open: () => OnceStore): void {
  test("of many callers at once, one gets the key, and each other hears that it runs", async () => {
    expectOneToken(await allAtOnce(open(), newKey()));
  });

  test("the claim of one key leaves another key free", async () => {
    const store = open();
    await claimed(store, newKey());
    expect(await claimed(store, newKey())).toEqual(expect.any(String));
  });

  test.each([
    ["plain", '{"reply":"hello"}'],
    ["of many letters", JSON.stringify({ reply: "café 😀 日本\u2028\n\0\ud800" })],
    ["empty", ""],
    ["of 1 MB", "語".repeat(333_333)],
  ])("a kept answer is given to each later caller: %s", async (_, answer) => {
    const store = open();
    const key = newKey();
    await store.keep(key, await claimed(store, key), answer, LONG_MS);
    expect(await store.claim(key, LONG_MS)).toEqual({ answer });
    expect(await store.claim(key, LONG_MS)).toEqual({ answer });
  });

  test("the next caller gets a key that was released, and only one does", async () => {
    const store = open();
    const key = newKey();
    await store.release(key, await claimed(store, key));
    expectOneToken(await allAtOnce(store, key));
  });

  test("one of many callers gets a claim whose lease is over", async () => {
    const store = open();
    const key = newKey();
    await claimed(store, key, 0);
    expectOneToken(await allAtOnce(store, key));
  });

  test("an answer whose time is over is not given, and the key can be claimed", async () => {
    const store = open();
    const key = newKey();
    await store.keep(key, await claimed(store, key), "too old", 0);
    expectOneToken(await allAtOnce(store, key));
  });

  test("a holder whose lease is over neither keeps its answer nor releases another's claim", async () => {
    const store = open();
    const key = newKey();
    const first = await claimed(store, key, 0);
    const second = await claimed(store, key);
    await store.keep(key, first, "the first", LONG_MS);
    await store.release(key, first);
    expect(await store.claim(key, LONG_MS)).toBe("running");
    await store.keep(key, second, "the second", LONG_MS);
    await store.keep(key, first, "the first", LONG_MS);
    await store.release(key, first);
    expect(await store.claim(key, LONG_MS)).toEqual({ answer: "the second" });
  });

  test("a key that was released can be kept by its next holder, and not by its first", async () => {
    const store = open();
    const key = newKey();
    const first = await claimed(store, key);
    await store.release(key, first);
    await store.keep(key, first, "the first", LONG_MS);
    const second = await claimed(store, key);
    await store.keep(key, second, "the second", LONG_MS);
    expect(await store.claim(key, LONG_MS)).toEqual({ answer: "the second" });
  });
}
