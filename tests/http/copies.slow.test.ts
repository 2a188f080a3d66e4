import { copiesPromise } from "./copies.ts";
import { nodeServer, storelessWorker, wranglerDev } from "./servers.ts";

copiesPromise(nodeServer, { runsOnce: true });
copiesPromise(wranglerDev, { runsOnce: true });
// Node's store is no binding that could be missing.
copiesPromise(nodeServer, { runsOnce: false, RUN_ONCE: "false" });
copiesPromise(storelessWorker, { runsOnce: false });
