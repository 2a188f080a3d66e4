/** Loaded into a command that is tested: says on stderr at the end how much memory it took at most. */
import { writeSync } from "node:fs";

process.on("exit", () => writeSync(2, `took at most ${process.resourceUsage().maxRSS} kB\n`));
