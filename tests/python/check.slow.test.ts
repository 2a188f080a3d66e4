import { checkPromise } from "../http/check.ts";
import { pythonServer } from "../http/servers.ts";

checkPromise(pythonServer);
