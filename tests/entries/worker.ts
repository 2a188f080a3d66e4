import { systemClock } from "../../shared/clock.ts";
import { createWorker } from "../../workers/worker.ts";
import { testReply } from "./reply.ts";

export { OnceObject } from "../../workers/once-object.ts";

const worker = createWorker(testReply);

/**
 * The Worker with the tests' reply, and with the core's clock set to the time of the recorded requests. Not the Durable
 * Objects': the platform rings their alarms by its own.
 */
export default {
  fetch(request, env, executionContext) {
    systemClock.wallTime = () => Date.now() + Number(env.CLOCK_SHIFT_MS ?? 0);
    return worker.fetch(request, env, executionContext);
  },
} satisfies typeof worker;
