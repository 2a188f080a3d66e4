import fc from "fast-check";
import { expect, test } from "vitest";
import { systemClock } from "../../shared/clock.ts";
import { Problem } from "../../shared/problem.ts";
import { parsePayload } from "../../shared/request/parse.ts";
import { signedBytesByForm } from "../../shared/request/sender-forms.ts";
import { createVerifier } from "../../shared/request/verify.ts";
import { escaped, signature } from "../support/signing.ts";

const SECRET = "property secret";
const NOW = 1_795_458_797;
const verify = createVerifier(
  { secrets: [SECRET], appSecrets: new Map(), requireSignature: false },
  { ...systemClock, wallTime: () => NOW * 1000 },
);

async function formOf(signed: string, sent: string | Uint8Array<ArrayBuffer>): Promise<string> {
  const headers = new Headers({ "x-timestamp": String(NOW), "x-signature": await signature(SECRET, NOW, signed) });
  const verified = await verify(headers, typeof sent === "string" ? new TextEncoder().encode(sent) : sent);
  return verified instanceof Problem ? verified.code : verified.form;
}

/** JSON with a space after each comma and colon, as an older HTTP client of the main app writes it. */
function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, member]) => `${JSON.stringify(key)}: ${spaced(member)}`)
    .join(", ")}}`;
}

/** Text with parts that look like JSON syntax. */
const trickyText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "\\",
        '"',
        "\\u00e9",
        "\\\\",
        "é",
        "😀",
        " ",
        ", ",
        ": ",
        "\n",
        "\t",
        "\x7f",
        "\u2028",
        "{",
        "]",
        "\ufeff",
      ),
      fc.string(),
    ),
  )
  .map((parts) => parts.join("").toWellFormed());
const json = fc.jsonValue({ stringUnit: "binary" }).map((value) => JSON.parse(JSON.stringify(value).toWellFormed()));
const value = fc.oneof(json, trickyText, fc.dictionary(trickyText, fc.oneof(trickyText, json), { noNullPrototype: true }));

/** The bytes that a sender may send for a value, and the bytes that it signs then. */
const writings = [
  (v: unknown) => ({ sent: JSON.stringify(v), signed: JSON.stringify(v) }),
  (v: unknown) => ({ sent: JSON.stringify(v), signed: escaped(JSON.stringify(v)) }),
  (v: unknown) => ({ sent: escaped(spaced(v)), signed: escaped(JSON.stringify(v)) }),
  (v: unknown) => ({ sent: spaced(v), signed: escaped(JSON.stringify(v)) }),
  (v: unknown) => ({ sent: JSON.stringify(v, undefined, "\t"), signed: escaped(JSON.stringify(v)) }),
  (v: unknown) => ({ sent: `\r\n${JSON.stringify(v, undefined, 2)}\r\n`, signed: escaped(JSON.stringify(v)) }),
];

const PREFIX = new TextEncoder().encode("17.");
const latin1 = (bytes: Uint8Array) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");

/** The forms that the HMAC is tried with, but for the raw body. */
function otherForms(body: string | Uint8Array<ArrayBuffer>): Record<string, string> {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const [raw, ...others] = [...signedBytesByForm(PREFIX, bytes)].map(([form, message]) => [form, latin1(message)]);
  expect(raw).toEqual(["raw", `17.${latin1(bytes)}`]);
  return Object.fromEntries(others);
}

/** The same, written for a reader instead of for speed. */
function expectedForms(text: string): Record<string, string> {
  const outsideStrings = /("(?:\\[ -~]|[^"])*"?)|[ \t\r\n]+/g;
  const forms = { escaped: escaped(text), compact: escaped(text.replace(outsideStrings, "$1")) };
  const { escaped: first, compact } = forms;
  return { ...(first !== text && { escaped: `17.${first}` }), ...(compact !== first && { compact: `17.${compact}` }) };
}

export function senderFormPromises(runs: number): void {
  test("the other forms of any text are the escaped and the compact one, and a form that equals an earlier one is left out", () => {
    const texts = fc.oneof(trickyText, value.map(spaced), fc.string({ unit: "grapheme-ascii" }));
    fc.assert(
      fc.property(texts, (text) => {
        expect(otherForms(text)).toEqual(expectedForms(text));
      }),
      { numRuns: runs },
    );
  });

  test("each ASCII character is escaped or not, wherever it stands", () => {
    for (let code = 0; code < 0x80; code++) {
      for (let at = 0; at < 12; at++) {
        const text = "x".repeat(at) + String.fromCharCode(code) + "x".repeat(11 - at);
        expect(otherForms(text)).toEqual(expectedForms(text));
      }
    }
  });

  test("each way to write a character in UTF-8 has the form of that character, and what is no UTF-8 (RFC 3629) has none", () => {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    // The first and the last of each kind, and their neighbours.
    const leads = [
      0x80, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf7, 0xf8, 0xff,
    ];
    const further = [0x22, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0];
    const characters = leads.flatMap((lead) => [
      [lead],
      ...further.flatMap((b) => [[lead, b], ...further.flatMap((c) => [[lead, b, c], ...further.map((d) => [lead, b, c, d])])]),
    ]);
    for (const bytes of characters) {
      let text: string | undefined;
      try {
        text = decoder.decode(Uint8Array.from(bytes));
      } catch {
        // It is no UTF-8.
      }
      expect(otherForms(Uint8Array.from(bytes)), String(bytes)).toEqual(text === undefined ? {} : expectedForms(text));
    }
  });

  test("any value, signed in any sender form, verifies", async () => {
    await fc.assert(
      fc.asyncProperty(value, fc.constantFrom(...writings), async (v, write) => {
        const { sent, signed } = write(v);
        expect(await formOf(signed, sent)).toMatch(/^(?:raw|escaped|compact)$/);
      }),
      { numRuns: runs },
    );
  });

  test("another value than the signed one never verifies", async () => {
    await fc.assert(
      fc.asyncProperty(
        value,
        value,
        fc.constantFrom(...writings),
        fc.constantFrom(...writings),
        async (a, b, writeA, writeB) => {
          fc.pre(JSON.stringify(a) !== JSON.stringify(b));
          expect(await formOf(writeA(a).signed, writeB(b).sent)).toBe("signature_mismatch");
        },
      ),
      { numRuns: runs },
    );
  });

  test("any changed text that verifies and is JSON has the value that was signed", async () => {
    await fc.assert(
      fc.asyncProperty(trickyText, fc.nat(), fc.nat(3), trickyText, async (text, at, length, insertion) => {
        const sent = JSON.stringify({ text });
        const changed = sent.slice(0, at % sent.length) + insertion + sent.slice((at % sent.length) + length);
        fc.pre(changed !== sent);
        const signed = escaped(sent);
        if ((await formOf(signed, changed)) === "signature_mismatch") return;
        let parsed: unknown;
        try {
          parsed = JSON.parse(changed);
        } catch {
          return; // It verified, but is refused because it is not JSON.
        }
        expect(parsed).toEqual({ text });
      }),
      { numRuns: runs },
    );
  });

  test.each([
    ["a literal backslash-u for the character", '{"t":"\\u00e9"}', '{"t":"\\\\u00e9"}'],
    ["the character for a literal backslash-u", '{"t":"\\\\u00e9"}', '{"t":"é"}'],
    ["a space inside a string", '{"t":"a b"}', '{"t":"ab"}'],
    ["no space inside a string", '{"t":"ab"}', '{"t":"a b"}'],
    ["a space after an escaped quote", '{"t":"a\\"b"}', '{"t":"a\\" b"}'],
    ["a string that ends in an escaped backslash", '{"t":"a\\\\","u":1}', '{"t":"a\\\\", "u":2}'],
    ["another number", "[12]", "[13]"],
    ["other capitals in an escape", '{"t":"\\u00e9"}', '{"t":"\\u00E9"}'],
  ])("%s is another body", async (_, signed, sent) => {
    expect(await formOf(signed, sent)).toBe("signature_mismatch");
  });

  test.each([
    ["a number split by white space", "[12]", "[1 2]"],
    ["a name split by white space", "[true]", "[tr ue]"],
    ["a raw newline in a string", '["\\u000a"]', '["\n"]'],
    ["an escape that JSON does not have", '["\\\\u00e9"]', '["\\é"]'],
    ["a byte order mark", '\\ufeff["a"]', '\ufeff["a"]'],
  ])("%s may match another form, but is refused because it is not JSON", async (_, signed, sent) => {
    expect(await formOf(signed, sent)).toMatch(/^(?:escaped|compact)$/);
    expect(parsePayload(new TextEncoder().encode(sent))).toMatchObject({ code: "body_not_json" });
  });

  test("bytes that are not UTF-8 have no other form: they never count as U+FFFD", async () => {
    const sent = Uint8Array.from([0x22, 0xff, 0x22]);
    expect(await formOf('"\\ufffd"', sent)).toBe("signature_mismatch");
    expect(await formOf('"\\ufffd"', '"\ufffd"')).toBe("escaped");
  });
}
