import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { version } from "../../shared/version.ts";
import { freshClone } from "../support/fresh-clone.ts";

/** What a partner changed, as UPGRADING.md allows it. Each text replaces the file, or is a change of it. */
const PARTNERS: Record<string, string | ((text: string) => string)> = {
  "shared/reply.ts": `import { greeting } from "./mine/greeting.ts";
import { shop } from "./mine/shop.ts";
import { defineReply } from "./define-reply.ts";
import { conversation } from "./replies/conversation.ts";

export const reply = defineReply({
  needs: shop.needs,
  reply(context) {
    const count = conversation(context).length;
    return context.message.content === "hello" ? \`\${greeting(context.thread)} This is message \${count}.\` : shop.reply(context);
  },
});
`,
  "shared/mine/shop.ts": `import * as v from "valibot";
import { llm } from "../replies/llm.ts";

export const shop = llm({
  instructions: "You answer for the flower shop Bloom.",
  tools: {
    order_status: {
      description: "Where an order is",
      input: v.object({ order: v.string() }),
      run: async ({ order }) => \`Order \${order} leaves today\`,
    },
    opening_hours: { description: "When the shop is open", input: v.object({}), run: () => ({ monday: "9-17" }) },
  },
});
`,
  "shared/mine/greeting.ts": `import type { Thread } from "../reply-types.ts";

export const greeting = ({ customer_id }: Thread) => \`Bloom says hi, \${customer_id ?? "stranger"}.\`;
`,
  "tests/reply/reply.test.ts": `import { expect, test } from "vitest";
import { reply } from "../../shared/reply.ts";
import { replyTo } from "../../shared/testing.ts";

const env = { LLM_BASE_URL: "http://127.0.0.1:1/v1", LLM_MODEL: "small" };

test("greets a customer by name", async () => {
  const history = [{ role: "assistant", content: "Welcome" }];
  const { text } = await replyTo(reply, { message: "hello", history, customerId: "Ada", env });
  expect(text).toBe("Bloom says hi, Ada. This is message 2.");
});
`,
  ".env": "WEBHOOK_SECRET=of the partner\n",
  "wrangler.toml": (text) =>
    text
      .replace(/^name = .*\nmain = .*\n/m, 'name = "bloom"\nmain = "workers/bloom.ts"\nworkers_dev = true\n')
      .replace(/^\[vars\]\n.*\n/m, '[vars]\nBACKEND_URL = "https://main-app.example"\n')
      .concat('\n[[kv_namespaces]]\nbinding = "NOTES"\nid = "0123456789abcdef0123456789abcdef"\n'),
  "netlify.toml": (text) =>
    text
      .replace(/directory = .*/, 'directory = "functions/bloom"')
      .concat('\n[context.production.environment]\n  NODE_OPTIONS = "--enable-source-maps"\n'),
};
const LINE = "a line of the next version";

/** Each file that is ours, as a next version might have it: changed, and still right. */
function nextVersion(file: string, text: string): string {
  if (file === "package.json" || file === "package-lock.json")
    return text.replaceAll(`"version": "${version}"`, '"version": "99.0.0"');
  if (basename(file) === "package.json") return text.replace("{", `{\n  "author": "${LINE}",`);
  if (file === "shared/version.ts") return text.replace(`"${version}"`, '"99.0.0"');
  if (file === "biome.json") return text.replace('"vcs":', '"root": true,\n  "vcs":');
  if (file.endsWith("tsconfig.json") || file === "tsconfig.base.json") return `// ${LINE}\n${text}`;
  if (file === "wrangler.toml" || file === "netlify.toml") return changedOutsideOfYours(text);
  switch (extname(file)) {
    case ".ts":
    case ".tsx":
    case ".mts":
    case ".mjs":
      return `${text}// ${LINE}\n`;
    case ".md":
    case ".svg":
      return `${text}<!-- ${LINE} -->\n`;
    case ".css":
      return `${text}/* ${LINE} */\n`;
    case ".json":
      return `${text}\n`;
    default:
      return `${text}# ${LINE}\n`;
  }
}

/** Changes every line but those under "Yours", and those lines themselves. */
function changedOutsideOfYours(toml: string): string {
  let isYours = false;
  const changed = toml.split("\n").map((line) => {
    if (line.startsWith("# Yours")) isYours = true;
    else if (line.startsWith("# Ours")) isYours = false;
    return isYours || line === "" || line.startsWith("# Ours") ? line : `${line} # ${LINE}`;
  });
  return changed.join("\n");
}

describe("an upgrade by one merge", () => {
  const [upstream, partner] = [freshClone(), freshClone()];
  const git = (folder: string, ...args: string[]) =>
    execFileSync("git", ["-c", "user.name=someone", "-c", "user.email=someone@example.com", ...args], {
      cwd: folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  const read = (file: string) => readFileSync(join(partner.folder, file), "utf8");
  let ours: string[] = [];
  afterAll(() => {
    upstream.remove();
    partner.remove();
  });

  beforeAll(() => {
    // Those of whoever runs this test are of another reply.
    for (const { folder } of [upstream, partner]) rmSync(join(folder, "tests/reply"), { recursive: true, force: true });
    git(upstream.folder, "init", "--quiet", "--initial-branch=main");
    git(upstream.folder, "add", ".");
    git(upstream.folder, "commit", "--quiet", "-m", "the version that was cloned");
    git(partner.folder, "init", "--quiet", "--initial-branch=main");
    git(partner.folder, "fetch", "--quiet", upstream.folder, "main");
    git(partner.folder, "reset", "--quiet", "--hard", "FETCH_HEAD");

    for (const [file, change] of Object.entries(PARTNERS)) {
      const path = join(partner.folder, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, typeof change === "string" ? change : change(read(file)));
    }
    git(partner.folder, "add", ".");
    git(partner.folder, "commit", "--quiet", "-m", "our bot");

    const isOurs = (file: string) => file !== "shared/reply.ts" && !file.startsWith("tests/reply/");
    ours = git(upstream.folder, "ls-files").trim().split("\n").filter(isOurs);
    for (const file of ours) {
      const path = join(upstream.folder, file);
      // Latin-1 keeps the bytes of a picture.
      writeFileSync(path, nextVersion(file, readFileSync(path, "latin1")), "latin1");
    }
    git(upstream.folder, "commit", "--quiet", "--all", "-m", "the next version");
    git(upstream.folder, "tag", "v99.0.0");
    git(partner.folder, "fetch", "--quiet", "--tags", upstream.folder);
  }, 60_000);

  test("has no conflict, although every file that is ours has changed", () => {
    const changed = git(upstream.folder, "diff", "--name-only", "HEAD~1").trim().split("\n");
    expect(changed).toEqual(ours);
    expect(git(partner.folder, "merge", "v99.0.0")).toContain("Merge made by");
  });

  test("keeps what is the partner's, and brings what is new", () => {
    for (const [file, text] of Object.entries(PARTNERS)) if (typeof text === "string") expect(read(file)).toBe(text);
    expect(read("wrangler.toml")).toContain('name = "bloom"');
    expect(read("wrangler.toml")).toContain('binding = "NOTES"');
    expect(read("netlify.toml")).toContain('directory = "functions/bloom"');
    expect(read("netlify.toml")).toContain("--enable-source-maps");
    for (const file of ["wrangler.toml", "netlify.toml", "shared/app.ts", "README.md"]) expect(read(file)).toContain(LINE);
  });

  test.each(["types", "lint", "test:reply"])("leaves a project that passes: npm run %s", { timeout: 120_000 }, (script) => {
    // Vitest's own variables would reach the vitest that is started here.
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("VITEST")));
    execFileSync("npm", ["run", "--silent", script], { cwd: partner.folder, env, stdio: ["ignore", "pipe", "pipe"] });
  });
});
