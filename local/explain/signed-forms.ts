import { hash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import {
  asciiUnescaped,
  compact,
  escaped,
  htmlEscaped,
  indented,
  slashesEscaped,
  slashesPlain,
  spaced,
  unescaped,
  upperCaseEscapes,
} from "../sender/json-forms.ts";
import { withEmptyObjects } from "./empty-lists.ts";
import { otherNumbers } from "./other-numbers.ts";
import type { Finding, Trial } from "./trial.ts";

const BOM = "\ufeff";
const FIX_RAW = "Verify the raw body as it arrived, before anything parses it.";
const FIX_PROXY =
  "Find what changes the body between the sender and here (a proxy, an editor, a saved file), and use the raw body.";
const FIX_NUMBERS =
  "Use the raw body as it arrived: JavaScript writes 1.0 as 1, and long numbers with other digits, when it parses and writes JSON.";
/** A larger body is not rewritten in all ways, which would take seconds. */
const MAX_REWRITTEN_BYTES = 262_144;

const ESCAPED_FORM: Finding = {
  code: "signed-escaped",
  what: "the signature covers the body with \\uXXXX escapes, but the body arrived as UTF-8: this is how the main app signs",
  fix: "Nothing is wrong with the request. A webhook must try this form if the raw body does not match.",
  accepted: true,
};

function compactForm(text: string): Finding {
  const bare = text.trim();
  const around =
    bare === text ? "this is how the main app signs with an older HTTP client" : "there is white space around the body here";
  const why = /[\r\n]/.test(bare) ? "the body here is pretty-printed" : around;
  return {
    code: "signed-compact",
    what: `the signature covers the body without the white space outside strings: ${why}`,
    fix: "Nothing is wrong with the request. A webhook must try this form if the raw body does not match.",
    accepted: true,
  };
}

/** The forms of the body that the sender may have signed. One at a time, as a body may be long. */
export async function* bodyTrials(body: Buffer): AsyncGenerator<Trial<Buffer>> {
  const tried = new Set([fingerprint(body)]);
  yield { value: body };
  for (const { finding, make } of bodyForms(body)) {
    await setImmediate();
    const value = Buffer.from(make());
    const print = fingerprint(value);
    if (!tried.has(print)) yield { value, finding };
    tried.add(print);
  }
}

function fingerprint(bytes: Buffer): string {
  return hash("sha256", bytes, "base64");
}

interface BodyForm {
  readonly finding: Finding;
  readonly make: () => string;
}

/** A way to write the same JSON, and its name in a sentence. */
type Style = readonly [name: string, write: (json: string) => string];

const AS_IT_IS: Style = ["", (json) => json];
const COMPACT: Style = ["without white space", compact];
const LAYOUTS: readonly Style[] = [
  AS_IT_IS,
  COMPACT,
  ['with ", " and ": "', spaced],
  ["indented by 2 spaces (JSON.stringify(value, null, 2), jq)", (json) => indented(json, "  ")],
  ["indented by 4 spaces (Python's indent=4)", (json) => indented(json, "    ")],
  ["indented by tabs", (json) => indented(json, "\t")],
];
const ESCAPES: Style = ["with \\uXXXX escapes (Python's ensure_ascii)", (json) => escaped(unescaped(json))];
const CHARACTERS: readonly Style[] = [
  AS_IT_IS,
  ["with characters instead of \\uXXXX escapes", unescaped],
  ESCAPES,
  ["with \\uXXXX escapes in upper case", (json) => upperCaseEscapes(escaped(unescaped(json)))],
];
const ASCII_ESCAPES: readonly Style[] = [
  ["with characters instead of escapes such as \\u003c (Go, .NET)", asciiUnescaped],
  ["with the escapes \\u003c, \\u003e and \\u0026 (Go)", htmlEscaped],
];
const EMPTY_OBJECTS = "with {} instead of [] (PHP)";
const SLASHES: readonly Style[] = [
  AS_IT_IS,
  ["with / instead of \\/", slashesPlain],
  ["with \\/ instead of /", slashesEscaped],
];

function* bodyForms(body: Buffer): Generator<BodyForm> {
  const text = body.toString();
  yield { finding: ESCAPED_FORM, make: () => escaped(text) };
  yield { finding: compactForm(text), make: () => escaped(compact(text)) };
  yield* changedForms(text);
  if (body.length > MAX_REWRITTEN_BYTES) return;
  for (const layout of LAYOUTS)
    for (const characters of CHARACTERS) for (const slashes of SLASHES) yield rewritten(text, { layout, characters, slashes });
  for (const layout of [AS_IT_IS, COMPACT])
    for (const characters of ASCII_ESCAPES)
      for (const more of [AS_IT_IS, ESCAPES]) yield rewritten(text, { layout, characters, more });
  for (const json of withEmptyObjects(compact(text)))
    for (const characters of [AS_IT_IS, ESCAPES])
      for (const slashes of SLASHES) yield rewritten(json, { other: EMPTY_OBJECTS, characters, slashes });
  for (const { how, json, numbersDiffer } of otherNumbers(text))
    for (const characters of [AS_IT_IS, ESCAPES])
      yield rewritten(json, { other: how, characters, ...(numbersDiffer && { fix: FIX_NUMBERS }) });
}

interface Styles {
  readonly layout?: Style;
  readonly characters: Style;
  /** After `characters`. */
  readonly more?: Style;
  readonly slashes?: Style;
  /** How `json` differs from what arrived. */
  readonly other?: string;
  readonly fix?: string;
}

/** What a program makes of the body that parses it and writes it again, in the order of its keys. */
function rewritten(json: string, styles: Styles): BodyForm {
  const { layout = AS_IT_IS, characters, more = AS_IT_IS, slashes = AS_IT_IS, other, fix = FIX_RAW } = styles;
  const names = [other, layout[0], characters[0], more[0], slashes[0]].filter(Boolean).join(", and ");
  const what = `the body was parsed and written again after signing; the signature covers the same JSON ${names}`;
  // The layout comes last, because the escapes are made of its line ends too.
  const steps = [...(layout === AS_IT_IS ? [] : [compact]), characters[1], more[1], slashes[1], layout[1]];
  const make = () => steps.reduce((written, write) => write(written), json);
  return { make, finding: { code: "reserialised", what, fix } };
}

/** What proxies, editors and saved files do to a body, as it is or escaped by the main app. */
function changedForms(text: string): BodyForm[] {
  const changed = (what: string, sent: () => string): BodyForm[] => {
    const finding = { code: "changed-on-the-way", what, fix: FIX_PROXY };
    return [
      { finding, make: sent },
      { finding, make: () => escaped(sent()) },
    ];
  };
  return [
    ...changed("line ends were changed from \\n to \\r\\n after signing", () => text.replaceAll("\r\n", "\n")),
    ...changed("line ends were changed from \\r\\n to \\n after signing", () =>
      text.replaceAll("\r\n", "\n").replaceAll("\n", "\r\n"),
    ),
    ...changed("a line end was added to the body after signing", () => text.replace(/\r?\n$/, "")),
    ...changed("the last line end of the body was lost after signing", () => `${text}\n`),
    ...changed("the last line end (CRLF) of the body was lost after signing", () => `${text}\r\n`),
    ...(text.startsWith(BOM)
      ? changed("a byte order mark was put before the body after signing", () => text.slice(BOM.length))
      : changed("the byte order mark before the body was lost after signing", () => `${BOM}${text}`)),
    {
      make: () => "",
      finding: {
        code: "empty-body",
        what: "the signature covers an empty body",
        fix: "Read the raw body before anything else reads it.",
      },
    },
  ];
}
