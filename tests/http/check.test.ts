import { checkPromise } from "./check.ts";
import { nodeServer, pythonServer, wranglerDev } from "./servers.ts";

checkPromise(wranglerDev);
checkPromise(nodeServer);
checkPromise(pythonServer);
