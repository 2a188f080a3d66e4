import { describe, expect, test } from "vitest";
import { payload } from "../support/payload.ts";
import { signedRequest } from "../support/signing.ts";
import { jsonOf } from "../support/target.ts";
import { startBeforeAll, type TargetStarter } from "./index.ts";
import { APP_A as A, APP_B as B, OF_A, SECRET, SIGNED } from "./signature.ts";

const OTHER = "cccccccc-0000-4000-8000-000000000003";
const MISMATCH = "401 signature_mismatch";

/** One message: X-App-Id, `app.id` in the body, and the secret that signs it. */
type Message = readonly [header: string | null, body: string, secret: string];

export function manyAppsPromises(starter: TargetStarter): void {
  describe("many Apps", () => {
    const target = startBeforeAll(starter, SIGNED);
    const answerTo = async ([header, body, secret]: Message, path = "/") => {
      const json = JSON.stringify(payload("hello", { app: { id: body } }));
      const request = await signedRequest(secret, target().now(), json, {
        path,
        headers: { "X-App-Id": header, Accept: "*/*" },
      });
      const answer = await target().send(request);
      return answer.status === 200 ? "answered" : `${answer.status} ${jsonOf(answer).code}`;
    };

    test.each<[string, Message, string]>([
      ["an App's own secret signs for that App", [A, A, OF_A], "answered"],
      ["both of an App's secrets do while it rotates: the new one", [B, B, "b's own"], "answered"],
      ["both of an App's secrets do while it rotates: the old one", [B, B, "b's before"], "answered"],
      ["WEBHOOK_SECRET signs for an App without its own", [OTHER, OTHER, SECRET], "answered"],
      ["and for a message without X-App-Id", [null, OTHER, SECRET], "answered"],
      ["WEBHOOK_SECRET never signs for an App that has its own", [A, A, SECRET], MISMATCH],
      ["nor if X-App-Id names another App", [OTHER, A, SECRET], MISMATCH],
      ["nor if there is no X-App-Id", [null, A, SECRET], MISMATCH],
      ["App A's secret never signs for App B", [A, B, OF_A], MISMATCH],
      ["nor for an App without its own", [A, OTHER, OF_A], MISMATCH],
      ["nor for App B, if X-App-Id names B", [B, B, OF_A], MISMATCH],
      ["an App's own secret without X-App-Id is not tried", [null, A, OF_A], MISMATCH],
      ["two ids in one header name no App", [`${A}, ${B}`, A, OF_A], MISMATCH],
      ["an id in capitals is the same id", [A.toUpperCase(), A, OF_A], "answered"],
      ["so WEBHOOK_SECRET does not sign for it either", [OTHER, A.toUpperCase(), SECRET], MISMATCH],
    ])("%s", async (_, message, answer) => {
      expect([await answerTo(message), await answerTo(message, "/stream")]).toEqual([answer, answer]);
    });

    test("X-App-Id that was sent twice names no App", async () => {
      const json = JSON.stringify(payload("hello", { app: { id: A } }));
      const request = await signedRequest(OF_A, target().now(), json, { headers: { "X-App-Id": A } });
      const answer = await target().send({ ...request, headers: [...request.headers, ["X-App-Id", A]] });
      expect([answer.status, jsonOf(answer).code]).toEqual([401, "signature_mismatch"]);
    });
  });
}
