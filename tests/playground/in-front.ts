import type { ExchangeView } from "../../local/playground/page/protocol.ts";
import { SECRET, startMainApp } from "./main-app.ts";
import { startPage } from "./page-client.ts";
import { type Steps, startRawWebhook } from "./raw-webhook.ts";

/** A main app that calls a webhook through a playground, and one that calls it without. */
export async function startInFront(steps: Steps, { secret = SECRET } = {}) {
  const webhook = await startRawWebhook(steps);
  const page = await startPage({ to: webhook.url, secret });
  const mainApp = await startMainApp();
  const through = mainApp.chat({ webhookUrl: page.paste }, "café 😀");
  return {
    ...{ webhook, page, mainApp, through },
    direct: mainApp.chat({ webhookUrl: webhook.url }, "café 😀"),
    /** The exchange on the page when it is over. */
    async shown(): Promise<ExchangeView> {
      const found = await page.events.until(() => {
        const event = page.events.events.findLast((one) => one.type === "exchange");
        return event?.exchange.state === "ended" ? event.exchange : undefined;
      });
      return found;
    },
    [Symbol.dispose]() {
      for (const one of [webhook, page, mainApp]) one[Symbol.dispose]();
    },
  };
}
