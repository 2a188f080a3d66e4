import { reply } from "../shared/reply.ts";
import { createWorker } from "./worker.ts";

export default createWorker(reply);
