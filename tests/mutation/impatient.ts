import { systemClock } from "../../shared/clock.ts";
import type { TargetStarter } from "../contract/index.ts";
import { inProcess } from "../support/in-process-target.ts";
import { RECORDED_AT } from "../support/vectors.ts";

const quickTimers = { after: (ms: number, task: () => void) => systemClock.after(ms / 20, task) };

/** The core in this process, with short waits: hundreds of requests wait for each change. */
export const impatient: TargetStarter = {
  name: "the core",
  start: async (env) => ({ target: inProcess(env, RECORDED_AT, quickTimers), stop: async () => {} }),
};
