import { createStreamSides } from "./sides.ts";

/** workerd's clock gives whole milliseconds: what is the case on average is half a millisecond more. */
const answer = createStreamSides(() => Date.now() + 0.5);

export default { fetch: (request: Request, _env: unknown, context: Parameters<typeof answer>[1]) => answer(request, context) };
