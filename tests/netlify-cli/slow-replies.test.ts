import { netlifyDev } from "../http/servers.ts";
import { slowReplyPromises } from "../http/slow-replies.ts";

slowReplyPromises(netlifyDev);
