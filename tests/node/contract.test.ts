import { contract } from "../contract/index.ts";
import { inProcess } from "../support/in-process-target.ts";
import { RECORDED_AT } from "../support/vectors.ts";

contract({
  name: "the core on Node",
  start: async (env) => ({ target: inProcess(env, RECORDED_AT), stop: async () => {} }),
});
