import { fuzzPromise, fuzzRuns } from "../fuzz/over-http.ts";
import { netlifyDev } from "../http/servers.ts";

fuzzPromise({ ...netlifyDev, changesBytes: true, slow: true }, fuzzRuns(300));
