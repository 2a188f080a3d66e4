// The function runtime of `netlify dev`, behind a plain HTTP server on PORT.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HTTPServer, mockLocation, Reactive } from "@netlify/dev-utils";
import { FunctionsHandler } from "@netlify/functions-dev";

const folder = mkdtempSync(join(tmpdir(), "replyhook-netlify-"));
const functions = join(process.cwd(), process.env.FUNCTIONS ?? "functions");
const handler = new FunctionsHandler({
  config: new Reactive({ functionsDirectory: functions, functions: { "*": { node_bundler: "esbuild" } } }),
  destPath: folder,
  projectRoot: process.cwd(),
  settings: {},
  geolocation: mockLocation,
  userFunctionsPath: functions,
});

const server = new HTTPServer(async (request) => {
  const match = await handler.match(request, folder);
  return match ? match.handle(request) : new Response("no function", { status: 404 });
});
await server.start(Number(process.env.PORT));

// After an answer to HEAD, the runtime closes its stream twice.
process.on("uncaughtException", (error) => {
  if (!String(error).includes("already closed")) throw error;
});
