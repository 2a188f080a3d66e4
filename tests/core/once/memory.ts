import { expect, test } from "vitest";
import { memoryStore } from "../../../shared/once/memory.ts";
import { TestClock } from "../../../shared/test-clock.ts";

/** The bounds of the store in memory. */
export function memoryPromises(): void {
  test("memory has a bound: beyond 10,000 requests or 16 million characters, the oldest is forgotten", async () => {
    const clock = new TestClock();
    const store = memoryStore(clock);
    for (let key = 0; key <= 10_000; key++) await store.claim(`k${key}`, 1000);
    expect(await store.claim("k1", 1000)).toBe("running");
    expect(await store.claim("k0", 1000)).toHaveProperty("token");
    for (let key = 0; key < 17; key++) {
      const claim = await store.claim(`long${key}`, 1000);
      await store.keep(`long${key}`, (claim as { token: string }).token, "x".repeat(1_048_576), 1000);
    }
    expect(await store.claim("long1", 1000)).toHaveProperty("answer");
    expect(await store.claim("long0", 1000)).toHaveProperty("token");
  });

  test("memory forgets first what was not touched for longest: an answer that was just kept stays", async () => {
    const store = memoryStore(new TestClock());
    const first = (await store.claim("first", 1000)) as { token: string };
    for (let key = 1; key < 10_000; key++) await store.claim(`k${key}`, 1000);
    await store.keep("first", first.token, "kept", 1000);
    await store.claim("one more", 1000);
    expect(await store.claim("first", 1000)).toEqual({ answer: "kept" });
    expect(await store.claim("k1", 1000)).toHaveProperty("token");
  });

  test("a holder whose claim was forgotten keeps nothing, and nothing fails", async () => {
    const store = memoryStore(new TestClock());
    await store.keep("key", "1", "an answer", 1000);
    await store.release("key", "1");
    expect(await store.claim("key", 1000)).toHaveProperty("token");
  });
}
