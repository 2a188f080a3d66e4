import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { freePort } from "../../local/dev/port.ts";
import { machineEnvironment } from "../http/servers.ts";
import { freshClone } from "../support/fresh-clone.ts";
import { sendTo } from "../support/http-target.ts";
import { type NpmScript, npmRun } from "../support/npm-script.ts";
import { payload } from "../support/payload.ts";
import { unsigned } from "../support/signing.ts";
import { jsonOf } from "../support/target.ts";

/** What is wrong in a file, and how the tool names the place. */
const BROKEN: readonly (readonly [what: string, text: string, place: RegExp])[] = [
  ["a syntax error", "export const reply = () => `unterminated;\n", /shared\/reply\.ts:[12]/],
  [
    "an import that does not exist",
    'import { nothing } from "./nothing-here.ts";\nexport const reply = () => nothing;\n',
    /shared\/reply\.ts/,
  ],
  ["a throw at the top level", '\nthrow new Error("the top level threw");\nexport const reply = () => "";\n', /reply\.ts:2/],
];
export const POLL = { timeout: 60_000, interval: 100 };

/** Starts `npm run SCRIPT` in a clone of its own, whose files can be edited, and ends it after each test. */
export function editing(script: string) {
  const cleanUps: (() => void | Promise<void>)[] = [];
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });

  return async (edits: Record<string, string> = {}) => {
    const clone = freshClone("WEBHOOK_SECRET=\n");
    cleanUps.push(clone.remove);
    const edit = (file: string, text: string) => writeFileSync(join(clone.folder, file), text);
    for (const [file, text] of Object.entries(edits)) edit(file, text);
    const port = await freePort();
    const ports = { PORT: String(port), PLAYGROUND_PORT: String(await freePort()) };
    const running: NpmScript = npmRun([script], clone.folder, { ...machineEnvironment(), ...ports });
    cleanUps.push(async () => {
      running.signal("SIGINT");
      await running.exited;
    });
    const reply = async () => {
      const answer = await sendTo(port, unsigned(JSON.stringify(payload("hello")))).catch(() => undefined);
      return answer?.status === 200 ? jsonOf(answer).reply : undefined;
    };
    const printed = (text: string) => running.lines.filter((line) => line.includes(text)).length;
    return { port, running, edit, reply, printed, folder: clone.folder };
  };
}

/** The promises of each `npm run dev:*` to someone who edits while it runs. */
export function devEditPromises(script: string): void {
  describe(`npm run ${script}, while its files are edited`, () => {
    const started = editing(script);

    test("an edit shows at once, also in a file that the reply imports, and after edits that are broken", {
      timeout: 300_000,
    }, async () => {
      const { port, running, edit, reply, printed, folder } = await started();
      await running.printed(`/run      http://localhost:${port}/`);

      edit("shared/words.ts", 'export const words = "imported";\n');
      edit("shared/reply.ts", 'import { words } from "./words.ts";\nexport const reply = () => words;\n');
      await expect.poll(reply, POLL).toBe("imported");
      edit("shared/words.ts", 'export const words = "edited";\n');
      await expect.poll(reply, POLL).toBe("edited");

      edit("shared/words.ts", 'export const words = "unterminated;\n');
      await expect.poll(() => printed("shared/words.ts:1"), POLL).toBeGreaterThan(0);
      // `wrangler dev` answers this when the build is correct again, and it ends `netlify dev` itself.
      const asked = reply();
      edit("shared/words.ts", 'export const words = "correct";\n');
      await expect.poll(reply, POLL).toBe("correct");
      await asked;

      // A throw at the top level ends `wrangler dev` itself.
      edit("shared/reply.ts", '\nthrow new Error("the top level threw");\nexport const reply = () => "";\n');
      const askedAndPrinted = async () => {
        await reply();
        return printed("the top level threw");
      };
      await expect.poll(askedAndPrinted, POLL).toBeGreaterThan(0);
      edit("shared/reply.ts", 'export const reply = () => "correct again";\n');
      await expect.poll(reply, POLL).toBe("correct again");

      const changed = ".env has changed. To use it, press Ctrl-C and run npm run dev";
      writeFileSync(join(folder, ".env"), "WEBHOOK_SECRET=created\n");
      await expect.poll(() => printed(changed), POLL).toBe(1);
      writeFileSync(join(folder, ".env"), "");
      writeFileSync(join(folder, ".env"), "WEBHOOK_SECRET=changed\n");
      await expect.poll(() => printed(changed), POLL).toBe(2);
      rmSync(join(folder, ".env"));
      await expect.poll(() => printed(changed), POLL).toBe(3);
      expect(running.lines.join("\n")).not.toMatch(/ExperimentalWarning|\[wrangler:info\]|goroutine/);
    });

    test.each(BROKEN)(
      "%s at the first start ends it with exit code 1 and the place",
      {
        timeout: 120_000,
      },
      async (_, text, place) => {
        const { running } = await started({ "shared/reply.ts": text });
        expect(await running.exited).toBe(1);
        expect(running.lines.join("\n")).toMatch(place);
        expect(running.lines.at(-1)).toMatch(/^The .* did not start\.$/);
      },
    );
  });
}
