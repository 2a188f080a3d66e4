import { describe, expect, test } from "vitest";
import { allChecks } from "../../local/check/checks/all.ts";
import { type Behaviour, correct, startWebhook } from "./broken/base.ts";
import { run, verdicts } from "./run.ts";

async function results(changes: Partial<Behaviour>, only: string): Promise<Record<string, string>> {
  await using webhook = await startWebhook(changes);
  return verdicts(await run(webhook, { only }));
}

const answers = (method: string, status: number): Partial<Behaviour> => ({
  first(request, answer) {
    if (request.method !== method) return correct.first.call(this, request, answer);
    answer.writeHead(status).end();
    return true;
  },
});

describe("a SHOULD that is not kept fails no MUST", () => {
  test.each([501, 500])("GET answered with %i", async (status) => {
    expect(await results(answers("GET", status), "H01,H12,H16")).toEqual({ H01: "pass", H12: "warn", H16: "pass" });
  });

  test("500 to another content type", async () => {
    const changes: Partial<Behaviour> = {
      contentTypeOk(request) {
        if (request.headers["content-type"] === "text/plain") throw new Error("unexpected");
        return correct.contentTypeOk.call(this, request);
      },
    };
    expect(await results(changes, "H01,H14,H16")).toEqual({ H01: "pass", H14: "warn", H16: "pass" });
  });

  test("but it does if the webhook does not answer the next message", async () => {
    let broken = false;
    const changes: Partial<Behaviour> = {
      first(request, answer) {
        broken ||= request.method === "GET";
        if (broken) throw new Error("broken");
        return correct.first.call(this, request, answer);
      },
    };
    expect(await results(changes, "H12")).toEqual({ H12: "fail" });
  });
});

test.each([401, 403, 404, 405, 501])("%i refuses another method", async (status) => {
  expect(await results(answers("PUT", status), "H13,H16")).toEqual({ H13: "pass", H16: "pass" });
});

test.each(["mismatch", "Signature does not match", "request expired", "X-Timestamp: stale"])("%j says why", async (error) => {
  const refuse: Behaviour["refuse"] = (answer, [status]) => {
    answer.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ error }));
  };
  expect(await results({ refuse }, "S15")).toEqual({ S15: "pass" });
});

test.each(["unauthorized", "forbidden", ""])("%j does not say why", async (error) => {
  const refuse: Behaviour["refuse"] = (answer, [status]) => {
    answer.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ error }));
  };
  expect(await results({ refuse }, "S15")).toEqual({ S15: "warn" });
});

test("checks that look back, and one that may end the webhook, run after all others", () => {
  expect(allChecks.slice(-4).map(({ id }) => id)).toEqual(["H16", "H22", "H23", "H27"]);
});
