import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { isSecretName } from "../shared/redact.ts";
import { UsageError } from "./usage-error.ts";

/**
 * The shell's variables, and those of the `.env` file of this folder that the shell does not set. Prints the file's warnings.
 * With `names`, only these are taken from the file. Throws a `UsageError` as {@link readEnvFile} does.
 */
export function shellAndFile(names?: readonly string[]): NodeJS.ProcessEnv {
  const { settings, warnings } = readEnvFile(".env", names);
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
 * secret in it would become another one in silence: a `#` begins a comment, and a quote ends a value. With `names`, the file may be of
 * another project: its other settings are ignored.
 */
export function readEnvFile(path: string, names?: readonly string[]): EnvFile {
  const isRead = (name: string) => names?.includes(name) ?? true;
  const text = textOf(path);
  const all = Object.entries(parseEnv(text));
  const settings = Object.fromEntries(all.filter(([name]) => isRead(name)));
  const lines = new Map<string, Written>();
  // The last line counts for a setting that is there twice.
  for (const setting of written(text)) lines.set(setting.name, setting);
  const warnings: string[] = [];
  const isSecret = (name: string) => isRead(name) && isSecretName(name);
  for (const { name, line, quoted, rest } of lines.values()) {
    const swallowed = quoted.split("\n").findIndex((inner, index) => index > 0 && isSecret(nameIn(inner)));
    if (swallowed !== -1)
      throw new UsageError(
        `${path}, line ${line}: the quote of ${name} is closed only after line ${line + swallowed}, which sets a secret.`,
      );
    if (!isRead(name) || isUnderstood(settings[name], quoted, rest, isSecret(name))) continue;
    const problem = `${path}, line ${line}: ${name} has more after the = than what was read as its value.`;
    const advice = `Put quotes around it that it does not contain: ${name}='…' or ${name}="…" or ${name}=\`…\`.`;
    if (isSecret(name)) throw new UsageError(`${problem} ${advice}`);
    warnings.push(`${problem} ${advice}`);
  }
  return { settings, warnings };
}

/** The name of the setting in a line. Empty if it has none. */
function nameIn(line: string): string {
  const [before = "", ...after] = line.split("=");
  const name = before
    .trim()
    .replace(/^export\s/, "")
    .trim();
  return after.length > 0 && /^[\w.-]+$/.test(name) ? name : "";
}

/** A setting as it is written: the pair of quotes that its value begins with, if any, and the rest of the line. */
interface Written {
  readonly name: string;
  readonly line: number;
  readonly quoted: string;
  readonly rest: string;
}

function* written(text: string): Generator<Written> {
  const lines = text.split("\n");
  for (let index = 0; index < lines.length; index++) {
    const line = index + 1;
    const text = lines[index] ?? "";
    const name = nameIn(text);
    if (!name) continue;
    let value = text.slice(text.indexOf("=") + 1).trim();
    const quote = /^["'`]/.exec(value)?.[0];
    if (!quote) {
      yield { name, line, quoted: "", rest: value };
      continue;
    }
    // A value in quotes may have several lines.
    const last = lines.findIndex((text, at) => at > index && text.includes(quote));
    if (value.indexOf(quote, 1) === -1 && last !== -1) {
      value = [value, ...lines.slice(index + 1, last + 1)].join("\n");
      index = last;
    }
    const end = value.indexOf(quote, 1) + 1;
    yield { name, line, quoted: value.slice(0, end), rest: value.slice(end) };
  }
}

/** Whether a line has nothing but white space, one pair of quotes, and the value. A comment is fine after a setting that is no secret. */
function isUnderstood(value = "", quoted: string, rest: string, isSecret: boolean): boolean {
  const comment = isSecret ? -1 : rest.search(/\s#/);
  const written = (comment === -1 ? rest : rest.slice(0, comment)).trim();
  return quoted ? written === "" && sameText(quoted.slice(1, -1), value) : written === value;
}

/** In double quotes, `\n` stands for a line end. */
function sameText(written: string, value: string): boolean {
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
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes).replaceAll("\r\n", "\n");
    // Node's parser takes white space after a bare = for the start of a value, which it then finds on the next line.
    return text.replace(/=[ \t]{1,200}$/gm, "=");
  } catch {
    throw new UsageError(`${path} is not UTF-8 text. Save it again as UTF-8.`);
  }
}
