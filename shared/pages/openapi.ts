import { Problem, problemCodes } from "../problem.ts";
import payload from "../request/payload-schema.json" with { type: "json" };
import { version } from "../version.ts";

/**
 * The OpenAPI 3.1 description of the contract. `npm run openapi` makes payload-schema.json from the schema that validates,
 * and a test fails if they differ. The code that makes it would be a sixth of the Worker's bundle.
 */
export function openApiDocument(): Record<string, unknown> {
  return {
    openapi: "3.1.0",
    info: {
      title: "replyhook",
      version,
      description: "The webhook that an AI agent platform calls with each user message",
      license: { name: "MIT", identifier: "MIT" },
    },
    paths: {
      "/": {
        post: messageOperation("json"),
        get: {
          summary: "The page, or its JSON",
          responses: { 200: aboutAnswer() },
        },
      },
      "/stream": { post: messageOperation("stream") },
      "/health": {
        get: {
          summary: "Whether the webhook is up",
          responses: { 200: jsonAnswer("It is up", { $ref: "#/components/schemas/Health" }) },
        },
      },
      "/openapi.json": { get: { summary: "This document", responses: { 200: { description: "This document" } } } },
    },
    components: {
      schemas: {
        Payload: payload,
        Reply: {
          type: "object",
          required: ["reply"],
          properties: { reply: { type: "string" }, metadata: { type: "object" } },
        },
        Health: {
          type: "object",
          required: ["status", "version"],
          properties: { status: { const: "ok" }, version: { type: "string" } },
        },
        About: {
          type: "object",
          required: ["status", "version", "mode", "warnings"],
          properties: {
            status: { const: "ok" },
            version: { type: "string" },
            mode: { enum: ["signed", "unsigned", "not configured"] },
            explanation: { type: "string" },
            warnings: { type: "array", items: { type: "string" } },
          },
        },
        Problem: {
          type: "object",
          required: ["code", "detail", "status", "title", "type"],
          properties: {
            code: { enum: problemCodes },
            detail: { type: "string" },
            status: { type: "integer" },
            title: { type: "string" },
            type: { type: "string" },
            errors: {
              type: "array",
              items: {
                type: "object",
                required: ["detail", "pointer"],
                properties: { detail: { type: "string" }, pointer: { type: "string" } },
              },
            },
            request_id: { type: "string" },
          },
        },
      },
    },
  };
}

function messageOperation(preferred: "json" | "stream") {
  const json = { "application/json": { schema: { $ref: "#/components/schemas/Reply" } } };
  const stream = { "text/event-stream": { schema: { type: "string", description: "delta events, then one done event" } } };
  return {
    summary: preferred === "json" ? "Answer a message with JSON" : "Answer a message with server-sent events",
    parameters: [
      header("X-Timestamp", "Unix time in seconds; needed where a secret is set", "^\\d{1,12}$"),
      header("X-Signature", "HMAC-SHA256 of timestamp, dot and body; needed where a secret is set", "^sha256=[0-9a-fA-F]{64}$"),
    ],
    requestBody: { required: true, content: { "application/json": { schema: { $ref: "#/components/schemas/Payload" } } } },
    responses: {
      200: { description: "The reply", content: preferred === "json" ? { ...json, ...stream } : { ...stream, ...json } },
      ...problemResponses(),
    },
  };
}

function problemResponses() {
  const codesByStatus = Map.groupBy(problemCodes, (code) => new Problem(code).status);
  const schema = { $ref: "#/components/schemas/Problem" };
  return Object.fromEntries(
    [...codesByStatus]
      .filter(([status]) => status !== 404 && status !== 405)
      .map(([status, codes]) => [
        status,
        { description: codes.join(", "), content: { "application/problem+json": { schema } } },
      ]),
  );
}

function header(name: string, description: string, pattern: string) {
  return { name, in: "header", required: false, description, schema: { type: "string", pattern } };
}

function aboutAnswer() {
  const { description, content } = jsonAnswer("The page, or its JSON", { $ref: "#/components/schemas/About" });
  return { description, content: { "text/html": {}, ...content } };
}

function jsonAnswer(description: string, schema: object) {
  return { description, content: { "application/json": { schema } } };
}
