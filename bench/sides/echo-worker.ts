import { echo } from "../../shared/replies/echo.ts";
import { createWorker } from "../../workers/worker.ts";

// The Worker as deployed, whatever a partner has written into shared/reply.ts.
export default createWorker(echo);
