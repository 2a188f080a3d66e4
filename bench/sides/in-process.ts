import { escaped } from "../../local/sender/json-forms.ts";
import { createApp } from "../../shared/app.ts";
import { echo } from "../../shared/replies/echo.ts";
import { createFloor, echoOf } from "./floor.ts";

export const SECRET = "a-secret-that-only-the-benchmark-knows";
const [encoder, decoder] = [new TextEncoder(), new TextDecoder()];
// As deployed: Hono's routing and the whole pipeline, but without log output.
const pipeline = createApp({ env: { WEBHOOK_SECRET: SECRET }, reply: echo, log: () => {} });

/** Answers a message `?times=` times, with the pipeline or, on `/floor`, with its floor. Answers with the microseconds of one. */
export async function answerMany(message: Request, clock: () => number): Promise<Response> {
  const { pathname, searchParams } = new URL(message.url);
  const [{ headers }, body] = [message, await message.arrayBuffer()];
  const floor = await createFloor(SECRET, encoder.encode(escaped(decoder.decode(body))));
  const answer = pathname === "/floor" ? floor : pipeline.fetch;
  // Built before the clock starts: this cost is the benchmark's own.
  const newRequest = () => new Request("http://localhost/", { method: "POST", headers, body });
  const requests = Array.from({ length: Number(searchParams.get("times")) }, newRequest);
  let text = "";
  const startedAt = clock();
  for (const request of requests) text = await (await answer(request)).text();
  const microseconds = ((clock() - startedAt) * 1000) / requests.length;
  return text === echoOf(body) ? Response.json(microseconds) : new Response(text, { status: 500 });
}
