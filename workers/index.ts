import { reply } from "../shared/reply.ts";
import { createWorker } from "./worker.ts";

export { OnceObject } from "./once-object.ts";

export default createWorker(reply);
