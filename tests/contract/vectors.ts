import { describe, expect, test } from "vitest";
import { readAsDashboard } from "../support/dashboard-reader.ts";
import { jsonOf } from "../support/target.ts";
import { contentOf, isSigned, requestOf, type Vector, vectors, withBitChanged } from "../support/vectors.ts";
import { type GetTarget, startBeforeAll, type TargetStarter } from "./index.ts";

/** The secrets of the recorded requests, in pairs, as during a rotation. */
const [first, second, third, fourth] = [...new Set(vectors.filter(isSigned).map(({ secret }) => secret ?? ""))];
const PAIRS = [
  [first, second],
  [third, fourth],
] as const;

export function vectorPromises(starter: TargetStarter): void {
  describe("the main app's own requests", () => {
    for (const [secret = "", previous = ""] of PAIRS) {
      describe(`signed with ${secret.slice(0, 6)}… or ${previous.slice(0, 6)}…`, () => {
        const target = startBeforeAll(starter, { WEBHOOK_SECRET: secret, WEBHOOK_SECRET_PREVIOUS: previous });
        const signed = vectors.filter((vector) => isSigned(vector) && [secret, previous].includes(vector.secret ?? ""));

        test.concurrent.each(signed.map((vector) => [vector.name, vector] as const))("takes %s", (_, vector) =>
          expectEcho(target, vector),
        );

        test.concurrent.each(signed.map((vector, index) => [vector.name, vector, index] as const))(
          "refuses %s with one bit changed",
          async (_, vector, index) => {
            const request = requestOf(vector);
            const places = ["body", "X-Timestamp", "X-Signature"] as const;
            for (const where of starter.slow ? places.slice(index % 3, (index % 3) + 1) : places) {
              // Bits 0 to 3 of a header's byte: printable characters stay printable, and no hex digit only changes its case.
              const bit =
                where === "body" ? index * 397 : 8 * (where === "X-Timestamp" ? index % 10 : 7 + (index % 64)) + (index % 4);
              expect((await target().send(withBitChanged(request, where, bit))).status, `${where}, bit ${bit}`).toBe(401);
            }
          },
        );

        test("refuses an unsigned one", async () => {
          const vector = vectors.find((candidate) => !isSigned(candidate)) as Vector;
          const answer = await target().send(requestOf(vector));
          expect([answer.status, jsonOf(answer).code]).toEqual([401, "signature_missing"]);
        });
      });
    }

    describe("unsigned", () => {
      const target = startBeforeAll(starter, {});
      const unsigned = vectors.filter((vector) => !isSigned(vector));
      test.concurrent.each(unsigned.map((vector) => [vector.name, vector] as const))("takes %s", (_, vector) =>
        expectEcho(target, vector),
      );
    });
  });
}

async function expectEcho(target: GetTarget, vector: Vector): Promise<void> {
  const answer = await target().send(requestOf(vector));
  expect(answer.status).toBe(200);
  const reply = `Echo: ${contentOf(vector).replaceAll("\0", "")}`;
  if (vector.route === "stream") expect(readAsDashboard(answer.pieces)).toEqual({ text: reply, done: { status: "completed" } });
  else expect(jsonOf(answer)).toEqual({ reply });
}
