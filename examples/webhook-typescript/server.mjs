/** The webhook on plain Node: `node server.mjs` listens on PORT (8081). It runs the shared core with @hono/node-server. */
import { fileURLToPath } from "node:url";
import { handOverToNewerNode } from "./newer-node.mjs";

if (!handOverToNewerNode(fileURLToPath(import.meta.url))) {
  const { serveWebhook } = await import("./serve.ts");
  const { reply } = await import("../../shared/reply.ts");
  await serveWebhook(process.env, reply);
}
