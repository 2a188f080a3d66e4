import { nodeServer } from "../http/servers.ts";
import { contract } from "./index.ts";

contract(nodeServer);
