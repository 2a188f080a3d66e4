import { checkPromise } from "./check.ts";
import { nodeServer, wranglerDev } from "./servers.ts";

checkPromise(wranglerDev);
checkPromise(nodeServer);
