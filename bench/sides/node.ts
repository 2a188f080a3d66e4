/** The benchmark's server on plain Node, on PORT. */

import { serveFetch } from "./serve-fetch.ts";
import { createSides } from "./sides.ts";

serveFetch(createSides());
