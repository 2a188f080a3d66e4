import { createFloor } from "./floor.ts";

let answer: Awaited<ReturnType<typeof createFloor>> | undefined;

/** A Worker that only verifies and echoes. */
export default {
  async fetch(request: Request, { WEBHOOK_SECRET }: { WEBHOOK_SECRET: string }) {
    if (request.method !== "POST") return new Response(null, { status: 405 });
    answer ??= await createFloor(WEBHOOK_SECRET);
    return answer(request);
  },
};
