import { contract } from "../contract/index.ts";
import { netlifyRuntime } from "./servers.ts";

contract(netlifyRuntime);
