import { expect, test } from "vitest";
import { payloadJsonSchema } from "../../local/payload-schema.ts";
import { openApiDocument } from "../../shared/pages/openapi.ts";

interface Document {
  components: { schemas: Record<string, { required?: string[] }> };
}

test("the schema in /openapi.json is the one that validates (npm run openapi)", () => {
  const { schemas } = (openApiDocument() as unknown as Document).components;
  expect(schemas.Payload).toEqual(JSON.parse(JSON.stringify(payloadJsonSchema())));
  expect(schemas.Payload?.required).toContain("message");
});

test("the schemas of the answers name the fields that are always there", () => {
  const { schemas } = (openApiDocument() as unknown as Document).components;
  expect(schemas.Reply?.required).toEqual(["reply"]);
  expect(schemas.Problem?.required).toEqual(["code", "detail", "status", "title", "type"]);
  expect(schemas.Health?.required).toEqual(["status", "version"]);
  expect(schemas.About?.required).toEqual(["status", "version", "mode", "warnings"]);
});
