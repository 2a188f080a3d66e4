import { verifyMany } from "./verify-many.ts";

export default { fetch: verifyMany };
