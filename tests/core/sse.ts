import fc from "fast-check";
import { expect, test } from "vitest";
import { deltaEvent, deltaLength } from "../../shared/answer/sse.ts";

/** Text with characters whose length on the wire differs from that in memory. */
const text = fc
  .array(
    fc.oneof(fc.constantFrom('"', "\\", "\n", "\t", "\x00", "\x7f", "é", "日", "😀", "plain "), fc.string({ unit: "binary" })),
    {
      maxLength: 800,
      size: "max",
    },
  )
  .map((parts) => parts.join("").toWellFormed());

export function ssePromises(): void {
  test.each([
    ...["x", " ", "~", '"', "\\"].map((character) => [character, 1024] as const),
    ...["\x1f", "\x7f", "é"].map((character) => [character, 1022] as const),
    ["😀", 1016] as const,
  ])("a long text fills its first event, and no more: %j, %i bytes", (character, bytes) => {
    const endless = character.repeat(2000);
    expect(deltaEvent(endless.slice(0, deltaLength(endless)))).toHaveLength(bytes);
  });

  test("any text is split into events of at most 1 KiB, and no character is split", () => {
    fc.assert(
      fc.property(text, fc.nat(3), (original, offset) => {
        const whole = "x".repeat(offset) + original;
        let joined = "";
        for (let rest = whole; rest; ) {
          const length = deltaLength(rest);
          expect(length).toBeGreaterThan(0);
          const event = deltaEvent(rest.slice(0, length));
          expect(event.length).toBeLessThanOrEqual(1024);
          expect(event).toMatch(/^event: delta\ndata: [ -~]+\n\n$/);
          const piece: string = JSON.parse(event.slice(event.indexOf("{"))).text;
          expect(piece.isWellFormed()).toBe(true);
          joined += piece;
          rest = rest.slice(length);
        }
        expect(joined).toBe(whole);
      }),
      { numRuns: 200 },
    );
  });
}
