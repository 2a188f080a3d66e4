import { env } from "cloudflare:workers";
import { afterEach, expect, test } from "vitest";
import { durableObjectStore } from "../../workers/once-object.ts";

const HOUR_MS = 3_600_000;
const { now } = Date;

const store = () => durableObjectStore((env as unknown as { ONCE: Parameters<typeof durableObjectStore>[0] }).ONCE);
const claim = async (key: string) => (await store().claim(key, 2 * HOUR_MS)) as { token: string };
/** Sets the wall clock, by which a Durable Object counts, ahead, or back with a negative number. */
const setAhead = (ms: number) => {
  Date.now = () => now() + ms;
};
afterEach(() => setAhead(0));

test("a clock that is set back in the middle of a claim loses neither the claim nor its answer", async () => {
  const { token } = await claim("back");
  setAhead(-HOUR_MS);
  expect(await claim("back")).toBe("running");
  await store().keep("back", token, "kept", 2 * HOUR_MS);
  expect(await claim("back")).toEqual({ answer: "kept" });
});

test("a clock that is set ahead past a lease gives the claim to the next, and the first changes nothing any more", async () => {
  const first = await claim("ahead");
  setAhead(3 * HOUR_MS);
  const second = await claim("ahead");
  await store().keep("ahead", first.token, "the first", 2 * HOUR_MS);
  await store().release("ahead", first.token);
  expect(await claim("ahead")).toBe("running");
  await store().keep("ahead", second.token, "the second", 2 * HOUR_MS);
  expect(await claim("ahead")).toEqual({ answer: "the second" });
});

test("a kept answer outlives a clock that is set back, and ends with one that is set ahead", async () => {
  const { token } = await claim("kept");
  await store().keep("kept", token, "kept", 2 * HOUR_MS);
  setAhead(-HOUR_MS);
  expect(await claim("kept")).toEqual({ answer: "kept" });
  setAhead(3 * HOUR_MS);
  expect(await claim("kept")).toHaveProperty("token");
});
