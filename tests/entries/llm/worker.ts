import { llm } from "../../../shared/replies/llm.ts";
import { createWorker } from "../../../workers/worker.ts";

export { OnceObject } from "../../../workers/once-object.ts";

export default createWorker(llm());
