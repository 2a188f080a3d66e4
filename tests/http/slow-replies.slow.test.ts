import { slowReplyPromises } from "./replies.ts";
import { nodeServer, wranglerDev } from "./servers.ts";

slowReplyPromises(wranglerDev);
slowReplyPromises(nodeServer);
