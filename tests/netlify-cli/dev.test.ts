import { devCommandPromises } from "../http/dev-command.ts";

devCommandPromises("dev:netlify");
