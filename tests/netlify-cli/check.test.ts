import { checkPromise } from "../http/check.ts";
import { netlifyDev } from "../http/servers.ts";

// What `netlify dev` itself cannot take: a body of 8 MiB and one that breaks off end it (H09, H11), and at 0.4 s a request
// on two processors fifty at once take longer than the main app waits (L01, L04).
checkPromise(netlifyDev, ["H09", "H11", "L01", "L04"]);
