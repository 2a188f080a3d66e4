import { contract } from "../contract/index.ts";
import { nodeServer } from "./servers.ts";

contract(nodeServer);
