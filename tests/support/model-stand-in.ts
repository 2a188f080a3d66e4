import { createServer } from "node:http";

export type Behaviour =
  | "normal"
  | "slow first token"
  | "hang"
  | "cut off"
  | "429"
  | "500"
  | "garbage"
  | "broken chunk"
  | "no finish"
  | "length"
  | "eos_token";

/** A small server on a real port that streams OpenAI chat completions, with or without faults. */
export async function startModel(behaviour: Behaviour) {
  const requests: {
    body: { model: string; stream: boolean; messages: { role: string; content: string }[] };
    authorization: string | undefined;
  }[] = [];
  let hungUp = 0;
  const server = createServer(async (request, response) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk);
    requests.push({ body: JSON.parse(Buffer.concat(chunks).toString()), authorization: request.headers.authorization });
    response.on("close", () => {
      if (!response.writableFinished) hungUp++;
    });
    if (behaviour === "429" || behaviour === "500") {
      response.writeHead(Number(behaviour), { "content-type": "application/json" });
      return response.end(JSON.stringify({ error: { message: "the model says no 4242", type: "error" } }));
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.flushHeaders();
    if (behaviour === "hang") return;
    if (behaviour === "garbage") return response.end("data: {not json at all\n\ndata: 5\n\n");
    const delta = (content: string, finish_reason: string | null = null) => {
      const choice = { index: 0, delta: { role: "assistant", content }, finish_reason };
      response.write(
        `data: ${JSON.stringify({ id: "x", object: "chat.completion.chunk", created: 1, model: "m", choices: [choice] })}\n\n`,
      );
    };
    if (behaviour === "slow first token") await new Promise((resolve) => setTimeout(resolve, 500));
    delta("Bonjour ");
    if (behaviour === "cut off") return setImmediate(() => response.destroy());
    delta("é 😀");
    if (behaviour === "no finish") return response.end();
    if (behaviour === "broken chunk") return response.end('data: {"choices":[{"delta":{"content":"my secret card"\n\n');
    delta("", behaviour === "length" || behaviour === "eos_token" ? behaviour : "stop");
    response.end("data: [DONE]\n\n");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}/v1`,
    requests,
    hungUp: () => hungUp,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}
