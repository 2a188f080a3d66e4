import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { isSecretName } from "../shared/redact.ts";
import { UsageError } from "./usage-error.ts";

/** A setting of the file: its name, the pair of quotes that the value begins with, if any, and the rest of the line. */
const SETTING = /^[ \t]*(?:export[ \t]+)?(?<name>[\w.-]+)[ \t]*=[ \t]*(?<quoted>"[^"]*"|'[^']*'|`[^`]*`|)(?<rest>.*)$/gm;
const COMMENT = /^\s+#/;

/**
 * The shell's variables, and those of the `.env` file of this folder that the shell does not set. Prints the file's warnings.
 * Throws a `UsageError` as {@link readEnvFile} does.
 */
export function shellAndFile(): NodeJS.ProcessEnv {
  const { settings, warnings } = readEnvFile(".env");
  for (const warning of warnings) console.error(warning);
  return { ...settings, ...process.env };
}

/** The settings of a `.env` file, and a sentence about each line that says more than was understood. */
export interface EnvFile {
  readonly settings: NodeJS.Dict<string>;
  readonly warnings: readonly string[];
}

/**
 * Reads a `.env` file with Node's own parser. If there is none, it has no settings. Throws a `UsageError` if it cannot be read, or if a
 * secret in it would become another one in silence: a `#` begins a comment, and a quote ends a value.
 */
export function readEnvFile(path: string): EnvFile {
  const text = textOf(path);
  const settings = parseEnv(text);
  const warnings: string[] = [];
  for (const { index, groups = {} } of text.matchAll(SETTING)) {
    const { name = "", quoted = "", rest = "" } = groups;
    if (isUnderstood(settings[name], quoted, rest, isSecretName(name))) continue;
    const line = text.slice(0, index).split("\n").length;
    const problem = `${path}, line ${line}: ${name} has more after the = than what was read as its value.`;
    const advice = `Put quotes around it that it does not contain: ${name}='…' or ${name}="…" or ${name}=\`…\`.`;
    if (isSecretName(name)) throw new UsageError(`${problem} ${advice}`);
    warnings.push(`${problem} ${advice}`);
  }
  return { settings, warnings };
}

/** Whether a line has nothing but white space, one pair of quotes, and the value. A comment is fine after a setting that is no secret. */
function isUnderstood(value: string | undefined, quoted: string, rest: string, isSecret: boolean): boolean {
  const after = isSecret ? rest : rest.replace(/\s+#.*$/, "");
  if (quoted) return after.trim() === "" && sameText(quoted.slice(1, -1), value);
  return after.trim() === (value ?? "") || (!isSecret && COMMENT.test(rest) && !value);
}

/** In double quotes, `\n` stands for a line end. */
function sameText(written: string, value = ""): boolean {
  return written === value || written.replaceAll("\\n", "\n") === value;
}

function textOf(path: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return "";
    throw new UsageError(code === "EISDIR" ? `${path} is a folder. It must be a file.` : `${path} cannot be read: ${code}.`);
  }
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff) || bytes.includes(0))
    throw new UsageError(`${path} is not UTF-8 text (PowerShell's > writes UTF-16). Save it again as UTF-8.`);
  try {
    // Windows editors write a byte order mark at the start, which this removes.
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).replaceAll("\r\n", "\n");
  } catch {
    throw new UsageError(`${path} is not UTF-8 text. Save it again as UTF-8.`);
  }
}
