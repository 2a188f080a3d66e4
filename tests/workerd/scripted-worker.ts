import { createApp } from "../../shared/app.ts";
import { scripted } from "../scripted/reply.ts";

let app: ReturnType<typeof createApp> | undefined;

export default {
  fetch(request, env, executionContext) {
    app ??= createApp({ env, reply: scripted });
    return app.fetch(request, env, executionContext);
  },
} satisfies ExportedHandler<Record<string, unknown>>;
