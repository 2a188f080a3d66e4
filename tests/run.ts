/** `npm test`, with or without arguments. */
import { spawnSync } from "node:child_process";

const HELP = `npm test                types, lint, and all tests but the slow ones: under 3 minutes
npm test -- FILE ...    only these test files, without types and lint. A part of the path is enough
npm test -- -t NAME     only the tests with this name. Vitest's other options work too
npm test -- .slow       only the slow tests: files that end in .slow.test.ts
npm run test:all        types, lint, and all tests. Needs Python and the Netlify CLI (600 MB, downloaded once)
npm run test:core       the core, in this process and in workerd: under 20 s, for while you edit shared/
npm run test:reply      your own tests of your reply, in tests/reply/
npm run test:replies    npm test with one reply after the other in shared/reply.ts. -- --help says more
`;

const args = process.argv.slice(2);
const vitest = ["vitest", "run", ...(args.some((arg) => arg.includes(".slow")) ? [] : ["--exclude=**/*.slow.test.ts"])];
const everything = [["npm", "run", "--silent", "types"], ["npm", "run", "--silent", "lint"], vitest];

if (args.includes("--help")) console.log(HELP);
else {
  for (const [file = "", ...rest] of args.length > 0 ? [[...vitest, ...args]] : everything) {
    const { status } = spawnSync(file, rest, { stdio: "inherit" });
    if (status === 0) continue;
    process.exitCode = status ?? 1;
    if (rest.includes("types"))
      console.error("If workers/index.ts is named: shared/reply.ts exports something else than a reply.");
    if (rest.includes("lint")) console.error("npm run format fixes the format, and what can be fixed by itself.");
    break;
  }
}
