import { replyPromises } from "../http/replies.ts";
import { netlifyDev } from "../http/servers.ts";

replyPromises(netlifyDev);
