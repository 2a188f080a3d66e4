import { pythonServer } from "../http/servers.ts";
import { contract } from "./index.ts";

contract(pythonServer);
