import { globSync, readFileSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { freshClone } from "./fresh-clone.ts";

/** An example of a document or of a docstring, as a partner pastes it. */
export interface Example {
  /** Where it stands: the document and the last heading, or the file of the docstring. Unique. */
  readonly name: string;
  readonly code: string;
  /** The file that its first line names. Undefined for a reply, which belongs into shared/reply.ts. */
  readonly file: string | undefined;
}

/** A start file of the recipe for what a bot remembers needs this reply. */
const REMEMBERS = "docs/recipes.md: What the bot remembers of a thread";
/** An example without imports replaces one line of shared/reply.ts, and keeps the import above it. */
const KEPT_IMPORT = 'import type { Reply } from "./reply-types.ts";\n\n';

export const examples: readonly Example[] = unique([
  ...["README.md", ...globSync("docs/*.md").sort()].flatMap((file) => {
    const parts = readFileSync(file, "utf8").split(/^#+ (.*)$/m);
    return parts.flatMap((text, index) => (index % 2 ? [] : blocksOf(text, `${file}: ${parts[index - 1] ?? ""}`)));
  }),
  ...["shared/define-reply.ts", "shared/reply-types.ts", "shared/testing.ts"].flatMap((file) =>
    docstringsOf(file).flatMap((text) => blocksOf(text, file)),
  ),
  // Only of our comment: a partner may delete it, or write another.
  ...docstringsOf("shared/reply.ts")
    .filter((text) => text.startsWith("Your bot: this is the file to edit."))
    .flatMap((text) => [...text.matchAll(/(?<=\n\n)(?: {4}.*\n)+/g)])
    .map(([block]) => example("shared/reply.ts", block.replace(/^ {4}/gm, ""))),
]);
export const replies = examples.filter(({ file }) => file === undefined);

/** A clone in which every example is pasted: a reply beside shared/reply.ts, every other file in its place. */
export async function cloneWithExamples() {
  const clone = freshClone();
  const write = async (file: string, text: string) => {
    await mkdir(dirname(join(clone.folder, file)), { recursive: true });
    writeFileSync(join(clone.folder, file), text);
  };
  const fileOf = (name: string) => `shared/${name.replaceAll(/\W+/g, "-").toLowerCase()}.ts`;
  for (const { name, file, code } of examples) await write(file ?? fileOf(name), code);
  await write("shared/reply.ts", codeOf(REMEMBERS));
  return {
    ...clone,
    write,
    /** The module that exports the reply of this example. */
    pathOf: (name: string) => join(clone.folder, fileOf(name)),
  };
}

/** The text of a block of a document, such as the lines for wrangler.toml. */
export function blockOf(document: string, language: string, having: string): string {
  const blocks = [...readFileSync(document, "utf8").matchAll(/^```(\w*)\n(.*?)^```$/gms)];
  const found = blocks.find(([, tag, text]) => tag === language && text?.includes(having))?.[2];
  if (!found) throw new Error(`${document} has no ${language} block with ${having}`);
  return found;
}

function codeOf(name: string): string {
  const found = examples.find((one) => one.name === name);
  if (!found) throw new Error(`there is no example ${name}`);
  return found.code;
}

function docstringsOf(file: string): string[] {
  const comments = readFileSync(file, "utf8").matchAll(/^\/\*\*\n(.*?)^ \*\/$/gms);
  return [...comments].map(([, text = ""]) => text.replace(/^ \* ?/gm, ""));
}

function blocksOf(text: string, name: string): Example[] {
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = ""]) => example(name, code));
}

function example(name: string, code: string): Example {
  const [, file] = /^\/\/ (\S+\.m?ts)\n/.exec(code) ?? [];
  const isLine = /: Reply\b/.test(code) && !/^import /m.test(code);
  return { name, file, code: isLine ? KEPT_IMPORT + code : code };
}

/** Numbers the examples that stand in the same place. */
function unique(all: readonly Example[]): readonly Example[] {
  const seen = new Map<string, number>();
  return all.map((one) => {
    const count = (seen.get(one.name) ?? 0) + 1;
    seen.set(one.name, count);
    return count === 1 ? one : { ...one, name: `${one.name} (${count})` };
  });
}
