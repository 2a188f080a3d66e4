import { serveFetch } from "../sides/serve-fetch.ts";
import { verifyMany } from "./verify-many.ts";

serveFetch(verifyMany);
