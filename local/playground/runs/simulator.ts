import type { App, Message } from "../store/records.ts";

const WEBHOOK_MODES = ["webhook", "webhook_sync", "webhook_async", "hybrid"];

/** Why the main app's own simulator answers, and no webhook is called (observed). Undefined: the webhook is called. */
export function simulated(app: App): { readonly reason?: string } | undefined {
  if (!WEBHOOK_MODES.includes(app.mode)) return {};
  return app.webhookUrl ? undefined : { reason: "webhook_not_configured" };
}

export function simulatorReply({ content }: Message): string {
  return content ? `Echo: ${content}` : "I'm here to help. What can I do for you?";
}
