import { scriptedNode, scriptedWorker } from "./servers.ts";
import { languageModelPromise, slowReplyPromises } from "./slow-replies.ts";

slowReplyPromises(scriptedWorker);
slowReplyPromises(scriptedNode);
languageModelPromise(scriptedWorker);
languageModelPromise(scriptedNode);
