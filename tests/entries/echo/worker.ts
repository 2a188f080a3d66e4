import { echo } from "../../../shared/replies/echo.ts";
import { createWorker } from "../../../workers/worker.ts";

export default createWorker(echo);
