import { expect, test } from "vitest";
import { executionContext } from "../../shared/execution-context.ts";
import { echo } from "../../shared/replies/echo.ts";
import { createWorker } from "../../workers/worker.ts";
import { payload } from "../support/payload.ts";

const worker = createWorker(echo);

test("a shell variable with the rate limiter's name limits nothing", async () => {
  const init = {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(payload("hello")),
  };
  const request = new Request("http://localhost/", init) as Parameters<typeof worker.fetch>[0];
  const bindings = { RATE_LIMITER: "from the shell", REQUIRE_SIGNATURE: "false" } as unknown as Parameters<
    typeof worker.fetch
  >[1];
  expect((await worker.fetch(request, bindings, executionContext() as unknown as ExecutionContext)).status).toBe(200);
});
