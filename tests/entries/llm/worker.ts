import { llm } from "../../../shared/replies/llm.ts";
import { createWorker } from "../../../workers/worker.ts";

export default createWorker(llm());
