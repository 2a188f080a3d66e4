import { createApp } from "../../shared/app.ts";
import { askedFor, wordsOf } from "./words.ts";

/** Where the core answers, and where the bare stream beside it does. */
export const PATHS = { ours: "/stream", bare: "/bare" };
export type SideName = keyof typeof PATHS;

type ExecutionContext = Parameters<ReturnType<typeof createApp>["fetch"]>[2];

const STREAM_HEADERS = { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache, no-transform" };

const encoder = new TextEncoder();

/** Both sides in one server: the core without its log's output, and a bare stream. `now` is the clock that words carry. */
export function createStreamSides(now: () => number) {
  const app = createApp({
    env: { REPLY_TIMEOUT_MS: "120000" },
    reply: ({ message }) => wordsOf(...askedFor(message.content), now),
    log: () => {},
  });
  return async (request: Request, context: ExecutionContext): Promise<Response> =>
    new URL(request.url).pathname === PATHS.bare ? bareStream(request, now) : app.fetch(request, {}, context);
}

/** The least that streams a generator as server-sent events: each piece is one event and one write. */
async function bareStream(request: Request, now: () => number): Promise<Response> {
  const { message } = (await request.json()) as { message: { content: string } };
  const words = wordsOf(...askedFor(message.content), now);
  const body = new ReadableStream({
    async pull(controller) {
      const { done, value } = await words.next();
      const event = done ? 'event: done\ndata: {"status":"completed"}\n\n' : deltaOf(value);
      controller.enqueue(encoder.encode(event));
      if (done) controller.close();
    },
  });
  return new Response(body, { headers: STREAM_HEADERS });
}

function deltaOf(text: string): string {
  return `event: delta\ndata: ${JSON.stringify({ text })}\n\n`;
}
