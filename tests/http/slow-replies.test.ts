import { nodeServer, wranglerDev } from "./servers.ts";
import { languageModelPromise, slowReplyPromises } from "./slow-replies.ts";

slowReplyPromises(wranglerDev);
slowReplyPromises(nodeServer);
languageModelPromise(wranglerDev);
languageModelPromise(nodeServer);
