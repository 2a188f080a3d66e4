import { type Settings, signatureMode } from "../settings.ts";
import { dashboardUrls } from "./dashboard-urls.ts";

/** The lines that a server prints when it listens at `origin`: the mode, the warnings, and the URLs to paste. */
export function startupLines(origin: string, settings: Settings): string[] {
  const { chat, run } = dashboardUrls(origin);
  const { mode, explanation } = signatureMode(settings);
  return [
    `replyhook listens on ${origin}`,
    `  mode      ${mode}: ${explanation}`,
    ...settings.warnings.map((warning) => `  warning   ${warning}`),
    "  paste into the dashboard as Webhook URL",
    `  chat      ${chat}`,
    `  /run      ${run}`,
  ];
}
