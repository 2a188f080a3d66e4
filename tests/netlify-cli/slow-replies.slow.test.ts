import { slowReplyPromises } from "../http/replies.ts";
import { netlifyDev } from "../http/servers.ts";

// In a file of its own: two `netlify dev` at once write over each other's function.
slowReplyPromises(netlifyDev);
