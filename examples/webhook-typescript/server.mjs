/** The webhook on plain Node: `node server.mjs`, on PORT (8081). The shared core behind @hono/node-server. */
import { handOverToNewerNode } from "./newer-node.mjs";

if (!handOverToNewerNode(import.meta.filename)) {
  const { serveWebhook } = await import("./serve.ts");
  await serveWebhook(process.env);
}
