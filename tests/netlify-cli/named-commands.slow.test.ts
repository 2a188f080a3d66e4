import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { NETLIFY_CLI } from "../../local/dev/targets.ts";
import { NETLIFY_COMMANDS } from "../support/netlify-commands.ts";

test.each(Object.entries(NETLIFY_COMMANDS))(
  "netlify %s exists, with the options that our texts name",
  async (name, options) => {
    const { stdout } = await promisify(execFile)("npx", ["--yes", NETLIFY_CLI, name, "--help"]);
    expect(stdout).toContain(`$ netlify ${name} `);
    expect(options.filter((option) => !stdout.includes(` ${option} `))).toEqual([]);
  },
);
