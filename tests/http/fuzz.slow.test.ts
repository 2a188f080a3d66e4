import { fuzzPromise, fuzzRuns } from "../fuzz/over-http.ts";
import { nodeServer, wranglerDev } from "./servers.ts";

fuzzPromise(nodeServer, fuzzRuns(5000));
fuzzPromise(wranglerDev, fuzzRuns(5000));
