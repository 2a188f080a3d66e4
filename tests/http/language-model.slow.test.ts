import { languageModelPromises } from "./language-model.ts";
import { nodeServer, wranglerDev } from "./servers.ts";

languageModelPromises(wranglerDev);
languageModelPromises(nodeServer);
