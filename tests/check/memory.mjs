/** Loaded into a tested command. At the end it prints the command's peak memory on stderr. */
import { writeSync } from "node:fs";

process.on("exit", () => writeSync(2, `took at most ${process.resourceUsage().maxRSS} kB\n`));
