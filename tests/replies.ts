/** `npm run test:replies`: no valid reply makes `npm test` fail, and a broken one does. */
import { execFile } from "node:child_process";
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { freshClone } from "./support/fresh-clone.ts";

const HELP = `Puts one reply after the other into the shared/reply.ts of a copy, and runs npm test there.

npm run test:replies                6 valid replies, each with all of npm test: about 20 minutes
npm run test:replies -- --quick     only the tests that a reply can reach: about 5 minutes`;

const TYPE = 'import type { Reply } from "./reply-types.ts";\n\n';
const VALID: Record<string, string> = {
  "the faq": 'export { faq as reply } from "./replies/faq.ts";\n',
  "a language model without its settings": 'import { llm } from "./replies/llm.ts";\n\nexport const reply = llm();\n',
  "slow pieces": `${TYPE}export const reply: Reply = async function* ({ message }) {
  for (const piece of ["You ", "said: ", message.content]) {
    await new Promise((resolve) => setTimeout(resolve, 230));
    yield piece;
  }
};
`,
  "one line in another style": `import { faq } from './replies/faq.ts'
import type { Reply } from './reply-types.ts'
export const reply: Reply = ({message}) => ('You said: ' + message.content as any)
`,
  "one line": `${TYPE}export const reply: Reply = ({ message }) => \`You said: \${message.content}\`;\n`,
  "a reply with needs of its own": `import * as v from "valibot";
import { defineReply } from "./define-reply.ts";

export const reply = defineReply({
  needs: v.object({ ORDERS_URL: v.pipe(v.string(), v.url("it is not a URL")), SHOP_NAME: v.optional(v.string(), "Acme") }),
  reply: ({ message, env }) => \`\${env.SHOP_NAME} got \${message.content.length} characters.\`,
});
`,
};
/** What else is a partner's: added to these files. */
const MINE: Record<string, string> = {
  "tests/reply/mine.test.ts": `import { expect, test } from "vitest";
import { reply } from '../../shared/reply.ts'
import { replyTo } from "../../shared/testing.ts";

test("says something", async () => {
  expect((await replyTo(reply, { message: "hello", env: { REPLY_TIMEOUT_MS: "3000" } })).text).not.toBe("");
});
`,
  ".env": "WEBHOOK_SECRET=of the partner\nBACKEND_URL=https://main-app.example\n",
  "wrangler.toml": '\n[[kv_namespaces]]\nbinding = "NOTES"\nid = "0123456789abcdef0123456789abcdef"\n',
  "netlify.toml": '\n[context.production.environment]\n  NODE_OPTIONS = "--enable-source-maps"\n',
};
const BROKEN: Record<string, string> = {
  "a reply of another type": `${TYPE}export const reply: Reply = ({ message }) => message.content.length;\n`,
  "a number in spite of the types": `${TYPE}export const reply: Reply = () => 5 as unknown as string;\n`,
  "a file without a reply": "export const answer = 42;\n",
};

/** Tests that start or import what is shipped are in these folders, and a test looks after that. */
const QUICK = "npm run --silent types && npm run --silent lint && npm test -- tests/shipped tests/reply";

const isQuick = process.argv.includes("--quick");
const clone = freshClone();
let failed = 0;
let isStopped = false;
// The tests get the Ctrl-C too. What is left then is the copy.
process.on("SIGINT", () => {
  isStopped = true;
});

/** Runs a command in the copy with this reply. */
async function tested(reply: string, command: string): Promise<{ code: number; output: string; summary: string }> {
  writeFileSync(join(clone.folder, "shared/reply.ts"), reply);
  const startedAt = performance.now();
  const ended = promisify(execFile)("sh", ["-c", `${command} 2>&1`], {
    cwd: clone.folder,
    env: { ...process.env, NO_COLOR: "1" },
    maxBuffer: 64 * 1024 * 1024,
  });
  const { code = 0, stdout: output } = await ended.catch((error) => error);
  const [, tests = "no tests ran"] = /^ +Tests +(.*)$/m.exec(output) ?? [];
  return { code, output, summary: `${tests}, ${Math.round((performance.now() - startedAt) / 1000)} s` };
}

function report(name: string, isRight: boolean, summary: string, output: string): void {
  console.log(`${isRight ? "✓" : "✗"} ${name}: ${summary}`);
  if (isRight) return;
  failed++;
  console.log(output);
}

if (process.argv.includes("--help")) console.log(HELP);
else {
  await promisify(execFile)("git", ["init", "--quiet"], { cwd: clone.folder });
  for (const [file, text] of Object.entries(MINE)) appendFileSync(join(clone.folder, file), text);
  for (const [name, reply] of Object.entries(VALID)) {
    if (isStopped) break;
    const { code, output, summary } = await tested(reply, isQuick ? QUICK : "npm test");
    report(name, code === 0, summary, output);
  }
  for (const [name, reply] of Object.entries(BROKEN)) {
    if (isStopped) break;
    const { code, output } = await tested(reply, QUICK);
    const isRight = code !== 0 && output.includes("shared/reply.ts");
    report(name, isRight, isRight ? "fails, and names shared/reply.ts" : `exit code ${code}`, output);
  }
  const count = Object.keys(VALID).length;
  if (isStopped) console.log("Stopped.");
  else if (failed > 0) console.log(`${failed} replies were not treated as they must be.`);
  else
    console.log(`npm test passes with each of ${count} replies, and names each of ${Object.keys(BROKEN).length} broken ones.`);
  process.exitCode = isStopped ? 130 : Math.min(failed, 1);
}
clone.remove();
