import { replyPromises, slowReplyPromises } from "../http/replies.ts";
import { netlifyDev } from "../http/servers.ts";

replyPromises(netlifyDev);
slowReplyPromises(netlifyDev);
