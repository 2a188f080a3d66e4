import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { freePort } from "../../local/dev/port.ts";
import { machineEnvironment } from "../http/servers.ts";
import { freshClone } from "../support/fresh-clone.ts";
import { npmRun } from "../support/npm-script.ts";

const readme = readFileSync("README.md", "utf8");
const block = (language: string) => new RegExp(`\`\`\`${language}\n(.*?)\n\`\`\``, "s").exec(readme)?.[1] ?? "";

test("the signed request of the README gets the answer of the README, from the reply of the README", async () => {
  const { folder, remove } = freshClone();
  writeFileSync(join(folder, "shared/reply.ts"), `import type { Reply } from "./reply-types.ts";\n${block("ts")}\n`);
  const [, name = "", value, script = ""] = /^(\w+)=(\S+) npm run (\S+)$/m.exec(readme) ?? [];
  const port = await freePort();
  const ports = { PORT: String(port), PLAYGROUND_PORT: String(await freePort()) };
  const running = npmRun([script], folder, { ...machineEnvironment(), [name]: value, ...ports });
  try {
    await running.printed("mode      signed");
    const command = block("bash").replace("http://localhost:8081/", `http://localhost:${port}/`);
    const { stdout } = await promisify(execFile)("bash", ["-euo", "pipefail", "-c", command]);
    expect(stdout).toBe(block("json"));
  } finally {
    running.signal("SIGINT");
    await running.exited;
    remove();
  }
});
