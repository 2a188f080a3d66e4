import { languageModelPromises } from "../http/language-model.ts";
import { netlifyDev } from "../http/servers.ts";

languageModelPromises(netlifyDev);
