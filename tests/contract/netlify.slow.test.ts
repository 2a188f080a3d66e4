import { netlifyRuntime } from "../http/servers.ts";
import { contract } from "./index.ts";

contract(netlifyRuntime);
