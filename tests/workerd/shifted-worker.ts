/** The deployed Worker, with its clock set to the time of the recorded requests. */
import worker from "../../workers/index.ts";

const { now } = Date;

export default {
  fetch(request, env, executionContext) {
    Date.now = () => now() + Number(env.CLOCK_SHIFT_MS ?? 0);
    return worker.fetch(request, env, executionContext);
  },
} satisfies typeof worker;
