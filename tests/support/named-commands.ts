import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { NETLIFY_CLI } from "../../local/dev/targets.ts";
import { isPartners } from "./partners.ts";

/** A command that a text names: its words, without the quotes and the prose around it. */
export interface NamedCommand {
  readonly file: string;
  readonly words: readonly string[];
}

export const trackedFiles = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  encoding: "utf8",
})
  .trim()
  .split("\n")
  .filter((file) => !isPartners(file));

/** The texts that people read: documents, messages and hints, help, comments, settings. */
const READ_BY_PEOPLE =
  /\.md$|^(?:local|shared|examples|bench|workers|functions|\.ci|\.github)\/|^(?:\.env\.example|[a-z]+\.toml|package\.json)$/;

/** A tool's name, where it begins a command. `wrangler` and `netlify` are also words of prose, so they need a code span. */
const COMMANDS =
  /(?<![\w/.:@$-])(?:npm (?:run|test|ci)|npx|node|python3?|(?<!npx )replyhook|(?<=`)(?:wrangler|netlify))(?=[\s`]|$)(?=([^\n`]*))/g;
/** What ends a command in a shell. */
const NEXT_COMMAND = /\s(?:&&|\|\||[|;<>#&])(?:\s|$)/;
const REPLYHOOK_COMMANDS = ["check", "send", "sign", "explain", "playground"];
const END_OF_SENTENCE = /[.,;:!?)]$/;

export function namedCommands(): NamedCommand[] {
  return trackedFiles
    .filter((file) => READ_BY_PEOPLE.test(file) && !/\.(?:png|svg)$/.test(file))
    .flatMap((file) => commandsIn(readFileSync(file, "utf8")).map((words) => ({ file, words })));
}

/** The words of each command in a text. */
export function commandsIn(text: string): string[][] {
  // A code span may be broken over two lines, and a line of a shell command may end with a backslash.
  const joined = text.replace(/`[^`\n]+\n[^`\n]+`/g, (span) => span.replace(/\s*\n\s*/, " ")).replace(/\\\n\s*/g, "");
  const commands = [...joined.replaceAll("$" + "{NETLIFY_CLI}", NETLIFY_CLI).matchAll(COMMANDS)].map(([head, rest = ""]) => {
    const [command = ""] = (head + rest).split(NEXT_COMMAND);
    const words = command.split(/\s+/).filter(Boolean);
    const last = words.findIndex((word) => END_OF_SENTENCE.test(word) && !word.endsWith("…"));
    return words.slice(0, last === -1 ? undefined : last + 1).map((word) => word.replace(/^["'([]+|["'),.;:!?\]]+$/g, ""));
  });
  return commands.filter(([tool, first = ""]) => {
    if (tool === "node") return /\.m?[jt]s$/.test(first);
    if (tool?.startsWith("python")) return first.endsWith(".py");
    if (tool === "replyhook") return REPLYHOOK_COMMANDS.includes(first);
    return first !== "";
  });
}
