import { devCommandPromises } from "../shipped/dev-command.ts";

devCommandPromises("dev:netlify");
