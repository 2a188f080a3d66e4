import { describe, expect, test } from "vitest";
import { payload } from "../support/payload.ts";
import { unsigned } from "../support/signing.ts";
import { jsonOf, textOf } from "../support/target.ts";
import { startBeforeAll, type TargetStarter } from "./index.ts";

export function routePromises(starter: TargetStarter): void {
  describe("routes", () => {
    const target = startBeforeAll(starter, {});
    const get = (path: string, headers: Record<string, string> = {}, method = "GET") =>
      target().send({ method, path, headers: Object.entries(headers), body: new Uint8Array() });

    test("GET / is a page for people: up, version, mode, both URLs, and no script or external asset", async () => {
      const answer = await get("/", { Host: "localhost:8081" });
      expect(answer.status).toBe(200);
      expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
      expect(answer.headers.get("content-security-policy")).toMatch(
        starter.plainPage ? /^default-src 'none';/ : /^default-src 'none'; style-src 'sha256-/,
      );
      const page = textOf(answer);
      expect(page).toContain("replyhook is up");
      expect(page).toContain("unsigned");
      expect(page).toContain(`http://localhost:${starter.plainPage ? target().port : 8081}/stream`);
      expect(page).not.toMatch(/<script|https:|src=/);
    });

    test("GET / is JSON if Accept asks for it", async () => {
      const answer = await get("/", { Accept: "application/json" });
      expect(jsonOf(answer)).toEqual({
        status: "ok",
        version: expect.any(String),
        mode: "unsigned",
        ...(!starter.plainPage && {
          explanation: expect.stringContaining("set WEBHOOK_SECRET"),
          warnings: expect.arrayContaining([expect.stringContaining("Set BACKEND_URL")]),
        }),
      });
    });

    test("GET /health says ok and the version; HEAD has no body", async () => {
      const answer = await get("/health");
      expect(answer.status).toBe(200);
      expect(jsonOf(answer)).toEqual({ status: "ok", version: expect.any(String) });
      const head = await get("/health", {}, "HEAD");
      expect([head.status, textOf(head)]).toEqual([200, ""]);
    });

    test.skipIf(starter.withoutOpenApi)(
      "GET /openapi.json describes both message routes with the schema that validates",
      async () => {
        const document = jsonOf(await get("/openapi.json"));
        expect(document.openapi).toBe("3.1.0");
        expect(Object.keys(document.paths)).toEqual(["/", "/stream", "/health", "/openapi.json"]);
        const { Payload } = document.components.schemas;
        expect(Payload.required).toEqual(["event", "app", "thread", "message"]);
        expect(Payload.properties.message.required).toEqual(["content"]);
      },
    );

    test.each([
      ["PUT", "/", "GET, POST"],
      ["HEAD", "/", "GET, POST"],
      ["OPTIONS", "/", "GET, POST"],
      ["GET", "/stream", "POST"],
      ["DELETE", "/stream", "POST"],
      ["POST", "/health", "GET, HEAD"],
      ...(starter.withoutOpenApi
        ? []
        : [
            ["PATCH", "/openapi.json", "GET"],
            ["HEAD", "/openapi.json", "GET"],
          ]),
    ])("%s %s is 405 with Allow: %s", async (method, path, allow) => {
      const answer = await get(path, {}, method);
      expect([answer.status, answer.headers.get("allow")]).toEqual([405, allow]);
      if (method !== "HEAD") expect(jsonOf(answer).code).toBe("method_not_allowed");
    });

    test.each(["/nothing", "/stream/", "/%73tream", "//stream", "/health/x", "/index.html"])("POST %s is 404", async (path) => {
      const answer = await target().send(unsigned(JSON.stringify(payload("hello")), { path }));
      expect([answer.status, jsonOf(answer).code]).toEqual([404, "not_found"]);
    });

    test("an unknown path is not repeated in the answer", async () => {
      expect(textOf(await get("/secret-path?query=secret-query"))).not.toMatch(/secret/);
    });
  });
}
