import { fuzzPromise } from "../fuzz/over-http.ts";
import { netlifyDev } from "../http/servers.ts";

fuzzPromise({ ...netlifyDev, changesBytes: true }, 300);
