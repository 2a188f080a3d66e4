/**
 * `npm audit`, of the libraries that are deployed. npm takes them for tools, because a deployment bundles them: all are
 * devDependencies, so that an install of the package brings none.
 */
import { execFile } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { promisify } from "node:util";

const DEPLOYED = "{workers,functions,shared,examples}/**/*.{ts,mts,mjs}";
const IMPORT = /\bfrom "((?:@[^/"]+\/)?[^./"@:][^/":]*)(?=[/"])/g;
const SERIOUS = ["high", "critical"];

const texts = globSync(DEPLOYED).map((file) => readFileSync(file, "utf8"));
const deployed = new Set(texts.flatMap((text) => [...text.matchAll(IMPORT)].map(([, name]) => name)));

// It ends with an error if any package is vulnerable.
const { stdout } = await promisify(execFile)("npm", ["audit", "--json"]).catch((failed) => failed);
const { vulnerabilities, message } = JSON.parse(stdout);
if (!vulnerabilities) throw new Error(`npm audit says nothing: ${message}`);

for (const { name, severity } of Object.values<{ name: string; severity: string }>(vulnerabilities)) {
  if (!deployed.has(name) || !SERIOUS.includes(severity)) continue;
  console.error(`${name} has a known vulnerability (${severity}): npm audit says which.`);
  process.exitCode = 1;
}
