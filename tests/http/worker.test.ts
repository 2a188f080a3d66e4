import { contract } from "../contract/index.ts";
import { wranglerDev } from "./servers.ts";

contract(wranglerDev);
