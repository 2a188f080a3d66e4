import type { Context } from "hono";
import { spaced } from "../../sender/json-forms.ts";
import { HttpError } from "../http-error.ts";
import { parsePythonJson } from "../python/parse-json.ts";
import { compactJson } from "../python/text.ts";
import { isoTime, type Microseconds, timeOf } from "../python/time.ts";
import { dict, type PythonDict } from "../python/value.ts";
import type { Keyset } from "../store/keyset.ts";
import { queryIntegers, uuidIn } from "./validation.ts";

const DEFAULT_LIMIT = 25;
export const MAX_LIMIT = 200;

/** A list that is sorted by these times, and last by the id. */
interface Paging<T extends { id: string }> {
  readonly times: Record<string, (row: T) => Microseconds>;
  readonly rows: (page: Keyset) => T[];
  readonly view: (row: T) => PythonDict;
}

/** One page, and the cursor of the next one, if there is more. Throws an {@link HttpError}. */
export function pageText<T extends { id: string }>(c: Context, { times, rows, view }: Paging<T>): string {
  const { limit } = queryIntegers<{ limit: number }>(c, { limit: { byDefault: DEFAULT_LIMIT, from: 1, to: MAX_LIMIT } });
  const cursor = c.req.query("cursor");
  const after = cursor ? readCursor(cursor, Object.keys(times)) : undefined;
  const found = rows({ limit: limit + 1, after });
  const shown = found.slice(0, limit);
  const last = found.length > limit ? shown.at(-1) : undefined;
  return compactJson(dict({ items: shown.map(view), next_cursor: last ? cursorAfter(last, times) : null }));
}

function cursorAfter<T extends { id: string }>(row: T, times: Paging<T>["times"]): string {
  const values = Object.entries(times).map(([name, time]) => [name, isoTime(time(row))]);
  return Buffer.from(spaced(JSON.stringify({ ...Object.fromEntries(values), id: row.id })))
    .toString("base64")
    .replaceAll("+", "-")
    .replaceAll("/", "_");
}

function readCursor(cursor: string, times: readonly string[]): (string | number)[] {
  try {
    const values = parsePythonJson(Buffer.from(cursor, "base64url")) as PythonDict;
    const id = uuidIn(String(values.get("id")));
    const read = times.map((name) => timeOf(String(values.get(name))));
    if (id && !read.some(Number.isNaN)) return [...read, id];
  } catch {
    // Refused below.
  }
  throw new HttpError(400, "ERROR_INVALID_CURSOR");
}
