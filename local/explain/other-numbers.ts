import { parseJson } from "../sender/parse-json.ts";

/** The most numbers of a body that are tried one by one. */
const MAX_NUMBERS = 16;
const SEQ = '"seq":';

/** The JSON with its numbers as another program writes them, and how they differ. Nothing if it is not JSON. */
export function* otherNumbers(json: string): Generator<readonly [how: string, json: string]> {
  let value: unknown;
  try {
    value = parseJson(json);
  } catch {
    return;
  }
  yield ["with its numbers as JavaScript writes them", JSON.stringify(value)];
  // JavaScript made 1 of 1.0.
  const ends = endsOfWholeNumbers(json);
  if (ends.length === 0) return;
  const withFractions = (at: readonly number[]) =>
    at.reduceRight((text, end) => `${text.slice(0, end)}.0${text.slice(end)}`, json);
  yield ["with 1.0, 2.0 ... instead of its whole numbers", withFractions(ends)];
  for (const end of ends) {
    const number = /-?\d{1,20}$/.exec(json.slice(Math.max(0, end - 20), end))?.[0];
    yield [`with ${number}.0 instead of ${number}`, withFractions([end])];
  }
}

/** Where the whole numbers end, apart from the main app's seq, which is never 1.0. Empty if there are very many. */
function endsOfWholeNumbers(json: string): number[] {
  const ends: number[] = [];
  let inString = false;
  let before = "";
  for (let at = 0; at < json.length && ends.length <= MAX_NUMBERS; at++) {
    const char = json[at] as string;
    if (char === "\\" && inString) at++;
    if (char === '"') inString = !inString;
    if (inString || char === '"') continue;
    if (/[\d.eE+-]/.test(char)) before += char;
    else before = "";
    const isLast = !/[\d.eE+-]/.test(json[at + 1] ?? "");
    if (
      isLast &&
      /^-?\d+$/.test(before) &&
      !json
        .slice(0, at + 1 - before.length)
        .trimEnd()
        .endsWith(SEQ)
    )
      ends.push(at + 1);
  }
  return ends.length > MAX_NUMBERS ? [] : ends;
}
