import { nodeServer, wranglerDev } from "./servers.ts";
import { slowReplyPromises } from "./slow-replies.ts";

slowReplyPromises(wranglerDev);
slowReplyPromises(nodeServer);
