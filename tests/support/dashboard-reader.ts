import { shownByDashboard } from "../../local/sender/dashboard-reader.ts";

/** The text that the dashboard shows for a stream, and the data of its `done` event. */
export function readAsDashboard(pieces: Iterable<Uint8Array>): { text: string; done: Record<string, unknown> | undefined } {
  const { text, done } = shownByDashboard(pieces);
  return { text, done: done as Record<string, unknown> | undefined };
}
