import { contract } from "../contract/index.ts";
import { pythonServer } from "./servers.ts";

contract(pythonServer);
