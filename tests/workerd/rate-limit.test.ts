import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { executionContext } from "../../shared/execution-context.ts";
import { echo } from "../../shared/replies/echo.ts";
import { createWorker } from "../../workers/worker.ts";
import { payload } from "../support/payload.ts";

const worker = createWorker(echo);

test("with a rate limiter, an app over its rate gets 429 with Retry-After, and another app does not", async () => {
  const post = (appId: string) => {
    const body = JSON.stringify(payload("hello", { app: { id: appId } }));
    const request = new Request("http://localhost:8081/", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    const context = executionContext() as unknown as ExecutionContext;
    const bindings = { ...env, REQUIRE_SIGNATURE: "false" } as Parameters<typeof worker.fetch>[1];
    return worker.fetch(request as Parameters<typeof worker.fetch>[0], bindings, context);
  };
  const statuses: number[] = [];
  for (let i = 0; i < 4; i++) statuses.push((await post("busy")).status);
  expect(statuses).toEqual([200, 200, 200, 429]);
  const refused = await post("busy");
  expect(refused.headers.get("retry-after")).toBe("60");
  expect(await refused.json()).toMatchObject({ code: "rate_limited" });
  expect((await post("calm")).status).toBe(200);
});
