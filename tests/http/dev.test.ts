import { devCommandPromises } from "./dev-command.ts";

devCommandPromises("dev");
devCommandPromises("dev:worker");
devCommandPromises("dev:node");
