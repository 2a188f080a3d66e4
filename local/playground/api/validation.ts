import type { Context } from "hono";
import { HttpError } from "../http-error.ts";
import { JsonDecodeError, parsePythonJson } from "../python/parse-json.ts";
import { dict, type PythonDict, type PythonValue } from "../python/value.ts";

/** One entry of FastAPI's list of errors. */
type Issue = PythonDict;

function issue(type: string, loc: PythonValue[], msg: string, input: PythonValue, ctx?: Record<string, PythonValue>): Issue {
  return dict({ type, loc, msg, input, ...(ctx && { ctx: dict(ctx) }) });
}

const invalid = (issues: Issue[]) => new HttpError(422, issues);

/** What a field of a body may be. Returns the value, or an issue. */
type Check<T> = (value: PythonValue | undefined, loc: PythonValue[], body: PythonDict) => T | { issue: Issue };

/** A text or null. The default stands for a missing field. */
export const optionalText =
  (byDefault: string | null = null, maxLength?: number): Check<string | null> =>
  (value = byDefault, loc) => {
    if (value === null) return null;
    if (typeof value !== "string") return { issue: issue("string_type", loc, "Input should be a valid string", value) };
    if (maxLength === undefined || [...value].length <= maxLength) return value;
    const message = `String should have at most ${maxLength} characters`;
    return { issue: issue("string_too_long", loc, message, value, { max_length: BigInt(maxLength) }) };
  };

export const requiredText: Check<string> = (value, loc, body) => {
  if (value === undefined) return { issue: issue("missing", loc, "Field required", body) };
  if (typeof value === "string") return value;
  return { issue: issue("string_type", loc, "Input should be a valid string", value) };
};

/** An object. A missing one is empty. */
export const object: Check<PythonDict> = (value = new Map(), loc) =>
  value instanceof Map ? value : { issue: issue("dict_type", loc, "Input should be a valid dictionary", value) };

/** The fields of a body. Throws an {@link HttpError} that lists every issue. */
export function fieldsOf<T extends Record<string, unknown>>(
  body: PythonValue,
  checks: { readonly [name in keyof T & string]: Check<T[name]> },
): T {
  if (body === null) throw invalid([issue("missing", ["body"], "Field required", null)]);
  if (!(body instanceof Map)) {
    const message = "Input should be a valid dictionary or object to extract fields from";
    throw invalid([issue("model_attributes_type", ["body"], message, body)]);
  }
  const issues: Issue[] = [];
  const fields: Record<string, unknown> = {};
  for (const [name, check] of Object.entries<Check<unknown>>(checks)) {
    const checked = check(body.get(name), ["body", name], body);
    if (isIssue(checked)) issues.push(checked.issue);
    else fields[name] = checked;
  }
  if (issues.length > 0) throw invalid(issues);
  return fields as T;
}

const isIssue = (checked: unknown): checked is { issue: Issue } =>
  typeof checked === "object" && checked !== null && "issue" in checked;

/** The JSON in the body; a text if its type is another; null if there is none. Throws an {@link HttpError}. */
export async function bodyOf(c: Context): Promise<PythonValue> {
  const bytes = new Uint8Array(await c.req.arrayBuffer());
  if (bytes.length === 0) return null;
  const type = c.req.header("content-type");
  if (type !== undefined && !/^application\/(?:[^;]+\+)?json\s*(?:;|$)/i.test(type)) return new TextDecoder().decode(bytes);
  try {
    return parsePythonJson(bytes);
  } catch (error) {
    if (!(error instanceof JsonDecodeError)) throw new HttpError(400, "There was an error parsing the body");
    const ctx = { error: error.problem };
    throw invalid([issue("json_invalid", ["body", BigInt(error.position)], "JSON decode error", new Map(), ctx)]);
  }
}

/** As pydantic reads an integer. */
const INTEGER = /^\s*([+-]?\d+(?:_\d+)*)(?:\.0+)?\s*$/;

interface IntegerRange<D> {
  readonly byDefault: D;
  readonly from?: number;
  readonly to?: number;
}

/** Integers of the query. The last one of a name counts. Throws an {@link HttpError} that lists every issue. */
export function queryIntegers<T extends Record<string, number | undefined>>(
  c: Context,
  ranges: { readonly [name in keyof T & string]: IntegerRange<T[name]> },
): T {
  const issues: Issue[] = [];
  const values = Object.entries<IntegerRange<number | undefined>>(ranges).map(([name, range]) => {
    const text = c.req.queries(name)?.at(-1);
    const value = text === undefined ? range.byDefault : integerIn(text, ["query", name], range);
    if (!isIssue(value)) return [name, value];
    issues.push(value.issue);
    return [];
  });
  if (issues.length > 0) throw invalid(issues);
  return Object.fromEntries(values);
}

function integerIn(text: string, loc: PythonValue[], { from, to }: IntegerRange<unknown>): number | { issue: Issue } {
  const [, digits] = INTEGER.exec(text) ?? [];
  if (digits === undefined) {
    const message = "Input should be a valid integer, unable to parse string as an integer";
    return { issue: issue("int_parsing", loc, message, text) };
  }
  const value = Number(digits.replaceAll("_", ""));
  const outside = (type: string, words: string, ctx: Record<string, PythonValue>) => ({
    issue: issue(type, loc, `Input should be ${words}`, text, ctx),
  });
  if (from !== undefined && value < from)
    return outside("greater_than_equal", `greater than or equal to ${from}`, { ge: BigInt(from) });
  if (to !== undefined && value > to) return outside("less_than_equal", `less than or equal to ${to}`, { le: BigInt(to) });
  return value;
}

/** The UUIDs in the path, in lower case with hyphens. Throws an {@link HttpError}. */
export function pathIds<N extends string>(c: Context, ...names: N[]): Record<N, string> {
  const ids: Partial<Record<N, string>> = {};
  const issues: Issue[] = [];
  for (const name of names) {
    const text = c.req.param(name) ?? "";
    const id = uuidIn(text);
    if (id) ids[name] = id;
    else {
      const error = uuidError(text);
      issues.push(issue("uuid_parsing", ["path", name], `Input should be a valid UUID, ${error}`, text, { error }));
    }
  }
  if (issues.length > 0) throw invalid(issues);
  return ids as Record<N, string>;
}

/** Python takes a UUID with or without hyphens, braces and `urn:uuid:`. */
export function uuidIn(text: string): string | undefined {
  const hex = text
    .toLowerCase()
    .replace(/^(?:urn:uuid:)?\{?|\}$/g, "")
    .replaceAll("-", "");
  if (!/^[0-9a-f]{32}$/.test(hex)) return undefined;
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function uuidError(text: string): string {
  const at = text.search(/[^0-9a-fA-F-]/);
  if (at === -1) return `invalid length: expected length 32 for simple format, found ${text.length}`;
  const place = `found \`${String.fromCodePoint(text.codePointAt(at) as number)}\` at ${at + 1}`;
  return `invalid character: expected an optional prefix of \`urn:uuid:\` followed by [0-9a-fA-F-], ${place}`;
}
