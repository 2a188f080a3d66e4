import { hash } from "node:crypto";
import { compact, escaped, spaced, unescaped } from "../sender/json-forms.ts";

/** One form of the secret, the timestamp or the body to try. `finding` says what is unusual about it. */
export interface Trial<T> {
  readonly value: T;
  readonly finding?: Finding;
}

export interface Finding {
  readonly code: string;
  readonly what: string;
  readonly fix: string;
  /** Not a fault: by the contract, a webhook accepts it. */
  readonly accepted?: boolean;
}

const BOM = Buffer.of(0xef, 0xbb, 0xbf);
const FIX_RAW = "Verify the raw body as it arrived, before anything parses it.";
const FIX_PROXY =
  "Find what changes the body between the sender and here (a proxy, an editor, a saved file), and use the raw body.";

const ESCAPED_FORM: Finding = {
  code: "signed-escaped",
  what: "the signature covers the body with \\uXXXX escapes, but the body arrived as UTF-8: this is how the main app signs",
  fix: "Nothing is wrong with the request. A webhook must try this form if the raw body does not match.",
  accepted: true,
};
const COMPACT_FORM: Finding = {
  code: "signed-compact",
  what: "the signature covers the body without the white space outside strings: this is how the main app signs with an older HTTP client",
  fix: "Nothing is wrong with the request. A webhook must try this form if the raw body does not match.",
  accepted: true,
};

/** The secrets that the sender may have used: the given one, the previous one, and the usual mistakes of pasting. */
export function secretTrials(secret: string, previous: string | undefined): Trial<string>[] {
  const trimmed = secret.trim();
  const unquoted = trimmed.replace(/^(["'])(.*)\1$/s, "$2");
  const trials: Trial<string>[] = [{ value: secret }];
  const add = (value: string, code: string, what: string, fix: string) => {
    if (value !== "" && !trials.some((trial) => trial.value === value)) trials.push({ value, finding: { code, what, fix } });
  };
  if (previous) {
    const fix =
      "The sender still has the old secret. Change it there, and accept the previous one (WEBHOOK_SECRET_PREVIOUS) until then.";
    add(previous, "previous-secret", "the request was signed with the previous secret", fix);
  }
  const paste = "Paste the secret here again, without it.";
  add(
    secret.replace(/\r?\n$/, ""),
    "secret-newline",
    "the secret given here ends with a line end, and the sender's secret does not",
    paste,
  );
  add(trimmed, "secret-space", "the secret given here has white space around it, and the sender's secret does not", paste);
  add(unquoted, "secret-quotes", "the secret given here has quotes around it, and the sender's secret does not", paste);
  const there = "Paste the secret on the sender's side again, without it.";
  add(`${secret}\n`, "sender-secret-newline", "the sender's secret ends with a line end", there);
  add(`${secret}\r\n`, "sender-secret-newline", "the sender's secret ends with a line end (CRLF)", there);
  for (const padded of [` ${secret}`, `${secret} `, ` ${secret} `]) {
    add(padded, "sender-secret-space", "the sender's secret has a space around it", there);
  }
  for (const quote of ['"', "'"]) {
    add(`${quote}${secret}${quote}`, "sender-secret-quotes", "the sender's secret has quotes around it", there);
  }
  return trials;
}

/** The forms of the body that the sender may have signed. One at a time, as a body may be long. */
export function* bodyTrials(body: Buffer): Generator<Trial<Buffer>> {
  const tried = new Set([fingerprint(body)]);
  yield { value: body };
  for (const { finding, make } of bodyForms(body)) {
    const value = Buffer.from(make() as string);
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
  readonly make: () => string | Buffer;
}

function bodyForms(body: Buffer): BodyForm[] {
  const text = body.toString();
  const reserialised = (how: string, make: BodyForm["make"]): BodyForm => {
    const what = `the body was parsed and written again after signing; the signature covers ${how}`;
    return { make, finding: { code: "reserialised", what, fix: FIX_RAW } };
  };
  const changed = (what: string, make: BodyForm["make"]): BodyForm => {
    return { make, finding: { code: "changed-on-the-way", what, fix: FIX_PROXY } };
  };
  const hasBom = body.subarray(0, BOM.length).equals(BOM);
  return [
    { finding: ESCAPED_FORM, make: () => escaped(text) },
    { finding: COMPACT_FORM, make: () => escaped(compact(text)) },
    reserialised("the same JSON with characters instead of \\uXXXX escapes", () => unescaped(text)),
    reserialised("the same JSON without white space", () => compact(text)),
    reserialised("the same JSON without white space, and with characters instead of escapes", () => unescaped(compact(text))),
    reserialised('the same JSON with ", " and ": "', () => spaced(text)),
    reserialised('the same JSON with ", " and ": ", and \\uXXXX escapes', () => escaped(spaced(text))),
    changed("line ends were changed from \\n to \\r\\n after signing", () => text.replaceAll("\r\n", "\n")),
    changed("line ends were changed from \\r\\n to \\n after signing", () =>
      text.replaceAll("\r\n", "\n").replaceAll("\n", "\r\n"),
    ),
    changed("a line end was added to the body after signing", () => text.replace(/\r?\n$/, "")),
    changed("the last line end of the body was lost after signing", () => `${text}\n`),
    changed("the last line end (CRLF) of the body was lost after signing", () => `${text}\r\n`),
    hasBom
      ? changed("a byte order mark was put before the body after signing", () => body.subarray(BOM.length))
      : changed("the byte order mark before the body was lost after signing", () => Buffer.concat([BOM, body])),
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
