import { createApp } from "../../shared/app.ts";
import { answerMany, SECRET } from "./in-process.ts";

const encoder = new TextEncoder();

/** Milliseconds since the Unix epoch, exact to some microseconds and equal in all Node processes of this computer. */
export const wallClock = () => performance.timeOrigin + performance.now();

/** The app of each server in the benchmark: the core, a bare stream on `/bare`, and {@link answerMany}. */
export function createSides(clock = wallClock): ReturnType<typeof createApp>["fetch"] {
  const env = { WEBHOOK_SECRET: SECRET, REPLY_TIMEOUT_MS: "120000" };
  const app = createApp({ env, log: () => {}, reply: ({ message }) => wordsOf(message.content, clock) });
  return (request, _env, context) => {
    const { pathname, searchParams } = new URL(request.url);
    if (searchParams.has("times")) return answerMany(request, clock);
    return pathname === "/bare" ? bareStream(request, clock) : app.fetch(request, {}, context);
  };
}

/** The reply to "<count> <milliseconds between words>": that many words. Each word is its time, unless there is no pause. */
async function* wordsOf(content: string, clock: () => number): AsyncGenerator<string> {
  const [count = 0, everyMs = 0] = content.split(" ").map(Number);
  for (let index = 0; index < count; index++) {
    if (everyMs > 0) await new Promise((resolve) => setTimeout(resolve, everyMs));
    yield everyMs > 0 ? `${clock().toFixed(3)} ` : `w${index} `;
  }
}

/** The simplest stream of a generator as server-sent events: each piece is one event and one write. */
async function bareStream(request: Request, clock: () => number): Promise<Response> {
  const { message } = (await request.json()) as { message: { content: string } };
  const words = wordsOf(message.content, clock);
  const body = new ReadableStream({
    async pull(controller) {
      const { done, value } = await words.next();
      const event = done ? 'done\ndata: {"status":"completed"}' : `delta\ndata: ${JSON.stringify({ text: value })}`;
      controller.enqueue(encoder.encode(`event: ${event}\n\n`));
      if (done) controller.close();
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream", "cache-control": "no-cache, no-transform" } });
}
