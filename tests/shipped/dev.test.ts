import { devCommandPromises } from "./dev-command.ts";

devCommandPromises("dev");
devCommandPromises("dev:node");
