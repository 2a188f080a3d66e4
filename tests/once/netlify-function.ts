import { vi } from "vitest";
import type { Env, Reply } from "../../shared/reply-types.ts";
import { readAsDashboard } from "../support/dashboard-reader.ts";
import { payload } from "../support/payload.ts";
import { signedRequest } from "../support/signing.ts";
import { lockedBlobs } from "./locked-blobs.ts";

const SECRET = "once-secret";

/** The Netlify Function in this process, with Blobs as Netlify gives them to it. `stop` restores what this changes. */
export async function netlifyFunction(settings: Record<string, string> = {}) {
  const blobs = await lockedBlobs();
  const background: Promise<unknown>[] = [];
  const lines: string[] = [];
  vi.stubGlobal("Netlify", { env: { toObject: () => ({ WEBHOOK_SECRET: SECRET, ...settings }), get: () => undefined } });
  vi.stubGlobal("netlifyBlobsContext", blobs.context);
  for (const level of ["log", "warn", "error"] as const)
    vi.spyOn(console, level).mockImplementation((line) => lines.push(line));

  return {
    blobs,
    /** Another instance of the function: its modules are loaded anew, as on another machine. */
    async instance(reply: Reply) {
      vi.resetModules();
      const { createHandler } = await import("../../functions/webhook/handler.ts");
      const handler: (request: Request, context: never) => Promise<Response> = createHandler(reply, {} satisfies Env);
      const context = { waitUntil: (work: Promise<unknown>) => background.push(work) };
      return (request: Request) => handler(request, context as never);
    },
    /** The warnings that a copy may run the reply logic again. */
    skipped: () => lines.filter((line) => line.includes("once_skipped")),
    /** Waits for all work after the answers, also for what that starts. */
    async settled() {
      for (let done = 0; done < background.length; ) {
        const all = [...background];
        await Promise.all(all);
        done = all.length;
      }
    },
    async stop() {
      vi.restoreAllMocks();
      vi.unstubAllGlobals();
      await blobs.stop();
    },
  };
}

/** Makes copies of one signed request. */
export async function copier(): Promise<(path: string) => Request> {
  const timestamp = Math.floor(Date.now() / 1000);
  const { headers, body } = await signedRequest(SECRET, timestamp, JSON.stringify(payload("hi")));
  return (path) => new Request(`http://localhost${path}`, { method: "POST", headers, body });
}

/** The reply in an answer, whatever its form. */
export async function replyOf(response: Response): Promise<unknown> {
  if (response.status !== 200) return response.status;
  const text = await response.text();
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
  return isStream ? readAsDashboard([new TextEncoder().encode(text)]).text : JSON.parse(text).reply;
}
