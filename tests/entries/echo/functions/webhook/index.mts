import { createHandler } from "../../../../../functions/webhook/handler.ts";
import { echo } from "../../../../../shared/replies/echo.ts";

export default createHandler(echo);
