import { serveWebhook } from "../../examples/webhook-typescript/serve.ts";
import { scripted } from "./reply.ts";

await serveWebhook(process.env, scripted);
