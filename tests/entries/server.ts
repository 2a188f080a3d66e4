import { serveWebhook } from "../../examples/webhook-typescript/serve.ts";
import { testReply } from "./reply.ts";

await serveWebhook(process.env, testReply);
