import { shownByDashboard } from "../../local/sender/dashboard-reader.ts";

/** What a person at the dashboard gets of a stream, and the data of its `done` event. */
export function readAsDashboard(pieces: Iterable<Uint8Array>): { text: string; done: Record<string, unknown> | undefined } {
  const { text, done } = shownByDashboard(pieces);
  return { text, done: done as Record<string, unknown> | undefined };
}
