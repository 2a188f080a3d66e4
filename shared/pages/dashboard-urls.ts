/** The URLs to paste into the main app's dashboard, for a webhook at `origin` (scheme, host and port). */
export function dashboardUrls(origin: string): { chat: string; run: string } {
  const url = new URL(origin);
  // The main app refuses loopback addresses, but not this name (seen).
  if (["127.0.0.1", "[::1]", "0.0.0.0", "[::]"].includes(url.hostname)) url.hostname = "localhost";
  return { chat: `${url.origin}/stream`, run: `${url.origin}/` };
}
