import { scriptedNetlify } from "../http/servers.ts";
import { languageModelPromise, slowReplyPromises } from "../http/slow-replies.ts";

slowReplyPromises(scriptedNetlify);
languageModelPromise(scriptedNetlify);
