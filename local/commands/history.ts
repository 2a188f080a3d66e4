import type { HistoryEntry } from "../sender/payload.ts";
import { UsageError } from "../usage-error.ts";
import { fileText } from "./input.ts";

/** The earlier messages in a file: a JSON list of `{"role", "content"}`. Throws a `UsageError` of one sentence. */
export function readHistory(file: string): HistoryEntry[] {
  const list = parse(fileText(file), file);
  const isEntry = (entry: HistoryEntry | null) => typeof entry?.role === "string" && typeof entry.content === "string";
  if (!Array.isArray(list)) throw new UsageError(`${file} must hold a JSON list of {"role": "…", "content": "…"}.`);
  const wrong = list.findIndex((entry) => !isEntry(entry));
  if (wrong !== -1)
    throw new UsageError(
      `${file} must hold a JSON list of {"role": "…", "content": "…"}, and its entry ${wrong + 1} is not one.`,
    );
  return list.map(({ role, content, content_json = {} }) => ({ role, content, content_json }));
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const at = errorPosition(text);
    const lines = text.slice(0, at).split("\n");
    const where = `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`;
    const what = at === text.length ? "it ends too early, at" : "something is wrong at";
    throw new UsageError(`${file} is not JSON: ${what} ${where}.`);
  }
}

/** Where a text stops being the beginning of JSON. V8's message has the position only of some errors, so the longest good beginning is searched. */
function errorPosition(text: string): number {
  let good = 0;
  let bad = text.length + 1;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (canGoOn(text.slice(0, middle))) good = middle;
    else bad = middle;
  }
  return good;
}

/** Whether more text could make JSON of this beginning: V8 complains only of its end. */
function canGoOn(beginning: string): boolean {
  try {
    JSON.parse(beginning);
    return true;
  } catch (error) {
    const { message } = error as SyntaxError;
    const [, position] = /at position (\d+)/.exec(message) ?? [];
    return position === undefined ? message.startsWith("Unexpected end") : Number(position) === beginning.length;
  }
}
