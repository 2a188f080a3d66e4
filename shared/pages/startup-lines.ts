import { type Settings, signatureMode } from "../settings.ts";
import { dashboardUrls } from "./dashboard-urls.ts";

/** What a webhook says about itself: at start-up, and at GET / as JSON. Never a secret. */
export interface About {
  /** The signature mode in one word. */
  readonly mode: string;
  readonly explanation: string;
  /** Sentences about settings that are nearly always a mistake, each with what to do. */
  readonly warnings: readonly string[];
}

/** What a webhook with these settings says about itself. */
export function aboutOf(settings: Settings): About {
  return { ...signatureMode(settings), warnings: settings.warnings };
}

/** The lines that a server prints when it listens at `origin`: the mode, the warnings, and the URLs to paste. */
export function startupLines(origin: string, { mode, explanation, warnings }: About): string[] {
  return [
    `replyhook listens on ${origin}`,
    `  mode      ${mode}: ${explanation}`,
    ...warnings.map((warning) => `  warning   ${warning}`),
    ...pasteLines(origin),
  ];
}

/** The URLs to paste for a webhook at `origin`. */
export function pasteLines(origin: string): string[] {
  const { chat, run } = dashboardUrls(origin);
  return ["  paste into the dashboard as Webhook URL", `  chat      ${chat}`, `  /run      ${run}`];
}
