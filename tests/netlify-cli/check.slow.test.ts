import { checkPromise } from "../http/check.ts";
import { netlifyDev } from "../http/servers.ts";

// Limits of `netlify dev` itself. A body of 8 MiB and a body that breaks off end it (H09, H11, H27). At 0.4 s a request on two
// processors, fifty requests at once take longer than the main app waits (L01, L04). It passes a body on as text: a byte order mark
// is lost, and a byte that is not UTF-8 becomes U+FFFD (S27, S28).
checkPromise(netlifyDev, ["H09", "H11", "H27", "L01", "L04", "S27", "S28"]);
