import { serveWebhook } from "../../examples/webhook-typescript/serve.ts";
import { echo } from "../../shared/replies/echo.ts";

// The example's server, whatever a partner has written into shared/reply.ts.
await serveWebhook(process.env, echo);
