import { netlifyDev } from "../http/servers.ts";
import { languageModelPromise, slowReplyPromises } from "../http/slow-replies.ts";

slowReplyPromises(netlifyDev);
languageModelPromise(netlifyDev);
