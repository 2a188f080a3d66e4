import { request as httpRequest } from "node:http";
import { describe, expect, test } from "vitest";
import { startBeforeAll, type TargetStarter } from "../contract/index.ts";
import { readAsDashboard } from "../support/dashboard-reader.ts";
import { payload } from "../support/payload.ts";
import { unsigned } from "../support/signing.ts";
import { jsonOf } from "../support/target.ts";

/** One POST, with the time in milliseconds at which each piece of the answer came. */
function timed(port: number, path: string, content: string, { hangUpAfter = Number.POSITIVE_INFINITY, app = "a" } = {}) {
  const body = JSON.stringify(payload(`script: ${content}`, { app: { id: app } }));
  const startedAt = performance.now();
  const pieces: { at: number; bytes: Uint8Array }[] = [];
  return new Promise<{ status: number; pieces: typeof pieces; text: string }>((resolve, reject) => {
    const outgoing = httpRequest({
      host: "127.0.0.1",
      port,
      path,
      method: "POST",
      agent: false,
      headers: { "content-type": "application/json" },
    });
    outgoing.on("response", (incoming) => {
      const finish = () =>
        resolve({ status: incoming.statusCode ?? 0, pieces, text: Buffer.concat(pieces.map(({ bytes }) => bytes)).toString() });
      incoming.on("data", (bytes: Uint8Array) => {
        pieces.push({ at: performance.now() - startedAt, bytes });
        if (pieces.length >= hangUpAfter) {
          outgoing.destroy();
          finish();
        }
      });
      incoming.on("end", finish);
      incoming.on("error", reject);
    });
    outgoing.on("error", (error) => (pieces.length >= hangUpAfter ? undefined : reject(error)));
    outgoing.end(body);
  });
}

const silences = (pieces: { at: number }[]) => pieces.map(({ at }, index) => at - (pieces[index - 1]?.at ?? 0));

async function expectWordByWord(port: number, script: string, count: number): Promise<void> {
  const { pieces } = await timed(port, "/stream", script);
  expect(readAsDashboard(pieces.map(({ bytes }) => bytes)).done).toEqual({ status: "completed" });
  const words = pieces.filter(({ bytes }) => Buffer.from(bytes).includes("word"));
  expect(words).toHaveLength(count);
  expect(words.at(-1)?.at).toBeGreaterThan(count * 290);
  const distances = silences(words)
    .slice(1)
    .sort((a, b) => a - b);
  // Not in blocks: the median distance is the distance between two yields.
  expect(distances[Math.floor(count / 2)]).toBeGreaterThan(200);
  expect(distances[Math.floor(count / 2)]).toBeLessThan(400);
}

/** The promises for streamed and long replies, on a server with the tests' reply. */
export function replyPromises(server: TargetStarter): void {
  describe.concurrent(server.name, () => {
    const target = startBeforeAll(server, {});
    const port = () => target().port ?? 0;

    test("a word every 300 ms arrives word by word", () => expectWordByWord(port(), "ten words", 10));

    test("10,000 words at once lose nothing at a reader that forgets half-read events", async () => {
      const { pieces } = await target().send(unsigned(JSON.stringify(payload("script: burst")), { path: "/stream" }));
      const { text, done } = readAsDashboard(pieces);
      expect(done).toEqual({ status: "completed" });
      expect(text).toBe(Array.from({ length: 10_000 }, (_, i) => `w${i} `).join(""));
    });

    test.skipIf(server.missesHangUps)(
      "a client that hangs up half way ends the generator and fires its signal",
      async ({ expect }) => {
        await timed(port(), "/stream", "until hang-up", { hangUpAfter: 5, app: "gone" });
        const endings = async () => JSON.parse(JSON.parse((await timed(port(), "/", "endings", { app: "gone" })).text).reply);
        await expect.poll(endings, { timeout: 5000 }).toEqual(["aborted", "finally"]);
      },
    );
  });
}

/** The promises for replies that take 20 s, or that take long to be sent. */
export function slowReplyPromises(server: TargetStarter): void {
  describe.concurrent(`slow replies on ${server.name}`, () => {
    const target = startBeforeAll(server, {});
    const port = () => target().port ?? 0;

    test("a word every 300 ms for 20 s arrives word by word", () => expectWordByWord(port(), "words", 66));

    test("a pause of 12 s in the middle is at most 5 s of silence on the wire", async () => {
      const { pieces } = await timed(port(), "/stream", "pause");
      expect(readAsDashboard(pieces.map(({ bytes }) => bytes)).done).toEqual({ status: "completed" });
      // The timer is set to 5 s. On a busy machine it fires a little later.
      expect(Math.max(...silences(pieces))).toBeLessThan(5500);
    });

    test.each(["words", "slow json"])(
      "on / %s for 20 s is 200 with the complete text, never 8 s without a byte",
      async (script) => {
        const { status, pieces, text } = await timed(port(), "/", script);
        expect(status).toBe(200);
        expect(JSON.parse(text).reply).toMatch(/^(?:after 20 s|word1 .* word66 )$/);
        expect(pieces.at(-1)?.at).toBeGreaterThan(19_000);
        expect(Math.max(...silences(pieces))).toBeLessThan(8000);
      },
    );

    test("a reply of 1 MB arrives completely on both routes", async () => {
      const body = JSON.stringify(payload("script: megabyte"));
      const json = await target().send(unsigned(body));
      expect(jsonOf(json).reply.length).toBe(500_000);
      const { text, done } = readAsDashboard((await target().send(unsigned(body, { path: "/stream" }))).pieces);
      expect([text.length, done]).toEqual([500_000, { status: "completed" }]);
    });
  });
}
