import { createSides } from "./sides.ts";

// workerd's clock gives whole milliseconds: on average, the real time is half a millisecond later.
export default { fetch: createSides(() => Date.now() + 0.5) };
