import { writeFileSync } from "node:fs";
import { toJsonSchema } from "@valibot/to-json-schema";
import { PayloadSchema } from "../shared/request/payload.ts";

/** The JSON Schema (2020-12) of the payload, made from the schema that validates payloads. */
export function payloadJsonSchema(): object {
  // `content_json` may be any JSON value: in JSON Schema, that is the empty schema.
  const { $schema: _, ...schema } = toJsonSchema(PayloadSchema, {
    typeMode: "input",
    target: "draft-2020-12",
    errorMode: "ignore",
  });
  return schema;
}

if (import.meta.main) {
  const file = new URL("../shared/request/payload-schema.json", import.meta.url);
  writeFileSync(file, `${JSON.stringify(payloadJsonSchema(), undefined, 2)}\n`);
}
