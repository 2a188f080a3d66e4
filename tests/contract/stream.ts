import { describe, expect, test } from "vitest";
import { readAsDashboard } from "../support/dashboard-reader.ts";
import { payload } from "../support/payload.ts";
import { unsigned } from "../support/signing.ts";
import { textOf } from "../support/target.ts";
import { startBeforeAll, type TargetStarter } from "./index.ts";

export function streamPromises(starter: TargetStarter): void {
  describe("streams", () => {
    const target = startBeforeAll(starter, {});
    const stream = (content: string) => target().send(unsigned(JSON.stringify(payload(content)), { path: "/stream" }));

    test("are a comment, deltas and done, with the headers that stop proxies from buffering", async () => {
      const answer = await stream("hi");
      expect(answer.status).toBe(200);
      expect(answer.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
      expect(answer.headers.get("cache-control")).toBe("no-cache, no-transform");
      expect(answer.headers.get("x-accel-buffering")).toBe("no");
      expect(textOf(answer)).toBe(
        ': still here\n\nevent: delta\ndata: {"text":"Echo: hi"}\n\nevent: done\ndata: {"status":"completed"}\n\n',
      );
    });

    test("lose nothing at a reader that forgets half-read events: 300 kB of multi-byte text", async () => {
      const content = '日本語のテキスト😀 é\n"quoted" \\ \u2028'.repeat(4000);
      expect(new TextEncoder().encode(content).length).toBeGreaterThan(150_000);
      const { pieces } = await stream(content);
      const read = readAsDashboard(pieces);
      expect(read.done).toEqual({ status: "completed" });
      expect(read.text === `Echo: ${content}`).toBe(true);
    }, 60_000);

    test("have events of at most 1 KiB, LF only, one ASCII data line each", async () => {
      const events = textOf(await stream("ö😀\r\n".repeat(3000)))
        .split("\n\n")
        .slice(0, -1);
      expect(events.length).toBeGreaterThan(20);
      for (const event of events) {
        expect(event).toMatch(/^(?:: [ -~]*|event: (?:delta|done)\ndata: \{[ -~]*\})$/);
        expect(event.length + 2).toBeLessThanOrEqual(1024);
      }
    });
  });
}
