import { fuzzPromise } from "../fuzz/over-http.ts";
import { nodeServer, wranglerDev } from "./servers.ts";

fuzzPromise(nodeServer, 5000);
fuzzPromise(wranglerDev, 5000);
