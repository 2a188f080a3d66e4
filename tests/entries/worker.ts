import { createWorker } from "../../workers/worker.ts";
import { testReply } from "./reply.ts";

export { OnceObject } from "../../workers/once-object.ts";

const { now } = Date;
const worker = createWorker(testReply);

/** The Worker with the tests' reply, and with its clock set to the time of the recorded requests. */
export default {
  fetch(request, env, executionContext) {
    Date.now = () => now() + Number(env.CLOCK_SHIFT_MS ?? 0);
    return worker.fetch(request, env, executionContext);
  },
} satisfies typeof worker;
