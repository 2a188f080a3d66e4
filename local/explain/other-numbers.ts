import { parseJson } from "../sender/parse-json.ts";

/** The most numbers of a body that are tried one by one. */
const MAX_NUMBERS = 16;
const SEQ = '"seq":';

/** How the same JSON is written by another program. */
export interface OtherWriting {
  /** How it differs, as the end of "the same JSON". */
  readonly how: string;
  readonly json: string;
  readonly numbersDiffer: boolean;
}

/** The JSON as JavaScript writes it, and with its whole numbers as 1.0. Nothing if it is not JSON. */
export function* otherNumbers(json: string): Generator<OtherWriting> {
  let value: unknown;
  try {
    value = parseJson(json);
  } catch {
    return;
  }
  const numbers = numbersIn(json);
  const byJavaScript = JSON.stringify(value);
  // JavaScript may write the keys, and so the numbers, in another order.
  const texts = (found: readonly NumberAt[]) =>
    found
      .map(({ text }) => text)
      .toSorted()
      .join();
  const numbersDiffer = texts(numbers) !== texts(numbersIn(byJavaScript));
  const how = numbersDiffer ? "with its numbers as JavaScript writes them" : "as JSON.stringify(JSON.parse(body)) writes it";
  yield { how, json: byJavaScript, numbersDiffer };
  // JavaScript made 1 of 1.0.
  const whole = numbers.filter((number) => isWhole(number) && !isSeq(number, json));
  if (whole.length === 0 || whole.length > MAX_NUMBERS) return;
  const withFractions = (at: readonly NumberAt[]) =>
    at.reduceRight((text, { end }) => `${text.slice(0, end)}.0${text.slice(end)}`, json);
  yield { how: "with 1.0, 2.0 ... instead of its whole numbers", json: withFractions(whole), numbersDiffer: true };
  for (const number of whole) {
    const { text } = number;
    yield { how: `with ${text}.0 instead of ${text}`, json: withFractions([number]), numbersDiffer: true };
  }
}

interface NumberAt {
  readonly text: string;
  readonly end: number;
}

/** The numbers outside strings. */
function numbersIn(json: string): NumberAt[] {
  const numbers: NumberAt[] = [];
  let inString = false;
  let text = "";
  for (let at = 0; at < json.length; at++) {
    const char = json[at] as string;
    if (char === '"') inString = !inString;
    if (char === "\\") at++;
    if (inString) continue;
    // Not the e of true.
    if ((text === "" ? /[-\d]/ : /[-+\d.eE]/).test(char)) text += char;
    else if (text !== "") {
      numbers.push({ text, end: at });
      text = "";
    }
  }
  if (text !== "") numbers.push({ text, end: json.length });
  return numbers;
}

function isWhole({ text }: NumberAt): boolean {
  return /^-?\d+$/.test(text);
}

/** Whether it is the main app's seq, which is never 1.0. */
function isSeq({ text, end }: NumberAt, json: string): boolean {
  return json
    .slice(Math.max(0, end - text.length - 2 * SEQ.length), end - text.length)
    .trimEnd()
    .endsWith(SEQ);
}
