import { echo } from "../../../shared/replies/echo.ts";
import { createWorker } from "../../../workers/worker.ts";

export { OnceObject } from "../../../workers/once-object.ts";

export default createWorker(echo);
