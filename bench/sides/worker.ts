import { createSides } from "./sides.ts";

// workerd's clock gives whole milliseconds: what is the case on average is half a millisecond more.
export default { fetch: createSides(() => Date.now() + 0.5) };
