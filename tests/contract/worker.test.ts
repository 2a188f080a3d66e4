import { wranglerDev } from "../http/servers.ts";
import { contract } from "./index.ts";

contract(wranglerDev);
