import { replyPromises } from "./replies.ts";
import { nodeServer, wranglerDev } from "./servers.ts";

replyPromises(wranglerDev);
replyPromises(nodeServer);
