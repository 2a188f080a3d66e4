import { expect, test } from "vitest";
import { executionContext } from "../../shared/execution-context.ts";
import { echo } from "../../shared/replies/echo.ts";
import { createWorker } from "../../workers/worker.ts";
import { payload } from "../support/payload.ts";
import { signedRequest } from "../support/signing.ts";

const BODY = JSON.stringify(payload("hello"));

/** The answer to a message of a new Worker instance with these bindings. */
async function answer(bindings: object, headers: [string, string][] = [["content-type", "application/json"]]) {
  const worker = createWorker(echo);
  const request = new Request("http://localhost/", { method: "POST", headers, body: BODY });
  const context = executionContext() as unknown as ExecutionContext;
  const [asRequest, asBindings] = [request, bindings] as unknown as Parameters<typeof worker.fetch>;
  const response = await worker.fetch(asRequest, asBindings, context);
  return { status: response.status, body: await response.text() };
}

test.each([
  ["no setting at all", {}],
  ["an empty setting", { REQUIRE_SIGNATURE: "" }],
  ["a setting of another kind", { REQUIRE_SIGNATURE: { get() {} } }],
])("a Worker without a secret refuses every message, with %s", async (_, bindings) => {
  const { status, body } = await answer(bindings);
  expect(status).toBe(503);
  expect(JSON.parse(body)).toMatchObject({ code: "not_configured" });
  // The dashboard shows only these characters.
  expect(body.slice(0, 200)).toMatch(/"code":"not_configured".*Set WEBHOOK_SECRET on the deployment/);
});

test("a Worker with a secret answers signed messages", async () => {
  const { headers } = await signedRequest("the secret", Math.floor(Date.now() / 1000), BODY);
  expect(await answer({ WEBHOOK_SECRET: "the secret" }, headers)).toEqual({
    status: 200,
    body: '{"reply":"Echo: hello"}',
  });
});

test("only REQUIRE_SIGNATURE=false opens a Worker without a secret", async () => {
  expect((await answer({ REQUIRE_SIGNATURE: "false" })).status).toBe(200);
});
