import { type Behaviour, correct } from "./base.ts";
import type { Defect } from "./defect.ts";

/** Verifies another writing of the body, too. */
const alsoVerifies = (rewrite: (text: string) => string): Partial<Behaviour> => ({
  forms(body) {
    const rewritten = tried(rewrite, body.toString());
    return [...correct.forms.call(this, body), Buffer.from(rewritten), Buffer.from(this.escape(rewritten))];
  },
});

/** Verifies and parses another writing of the body. */
const alsoParses = (rewrite: (text: string) => string): Partial<Behaviour> => ({
  ...alsoVerifies(rewrite),
  parse: (body) => JSON.parse(tried(rewrite, strictly(body))),
});

/** Decodes the body first, and then knows nothing else. */
const decodesFirst = (decode: (body: Buffer) => string): Partial<Behaviour> => ({
  forms: (body) => correct.forms.call(correct, Buffer.from(decode(body))),
  parse: (body) => JSON.parse(decode(body)),
});

function strictly(body: Buffer): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
}

function tried(rewrite: (text: string) => string, text: string): string {
  try {
    return rewrite(text);
  } catch {
    return text;
  }
}

const replacing = (pattern: RegExp, by: string | ((found: string) => string)) => (text: string) =>
  text.replace(pattern, by as string);

/** Removes what `space` matches outside strings, which `string` matches. */
const compactWith = (string: string, space = "\\s+") =>
  replacing(new RegExp(`(${string})|${space}`, "gs"), (found) => (/^\s/.test(found) || found === "" ? "" : found));

/** A number in a list: an id may have the same characters. */
const inList = (number: string) => new RegExp(`(?<=[[,])${number}(?=[\\],])`, "g");

const reserialised = (reviver?: (key: string, value: unknown) => unknown) => (text: string) =>
  JSON.stringify(JSON.parse(text, reviver));

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const withKeys = (keys: (all: string[]) => string[]) =>
  reserialised((_, value) =>
    isObject(value) ? Object.fromEntries(keys(Object.keys(value)).map((key) => [key, value[key]])) : value,
  );

/** The known fields, in the order in which a class declares them. */
const declared = (text: string) => {
  const { version, event, app, thread, message, history_tail, timestamp } = JSON.parse(text);
  return JSON.stringify({ version, event, app, thread, message, history_tail, timestamp });
};

const assigned = reserialised((_, value) => {
  if (!isObject(value)) return value;
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) copy[key] = value[key];
  return copy;
});

/** Removes a string member that is followed by another one with the same name. */
const LAST_OF_TWO = /("\w+":)"[^"]*",\1/g;
const FIRST_OF_TWO = /("(\w+)":"[^"]*"),"\2":"[^"]*"/g;

export const valueDefects: readonly Defect[] = [
  { caughtBy: "S23", mistake: "removes all white space", changes: alsoVerifies(replacing(/\s/g, "")) },
  { caughtBy: "S23", mistake: "removes white space after , and :", changes: alsoVerifies(replacing(/([,:])\s+/g, "$1")) },
  {
    caughtBy: "S23",
    mistake: "replaces the spaced separators everywhere",
    changes: alsoVerifies((text) => text.replaceAll(", ", ",").replaceAll(": ", ":")),
  },
  { caughtBy: "S23", mistake: "collapses white space", changes: alsoVerifies(replacing(/\s+/g, " ")) },
  { caughtBy: "S23", mistake: "writes spaced separators everywhere", changes: alsoVerifies(replacing(/([,:])/g, "$1 ")) },
  {
    caughtBy: "S23",
    mistake: "takes a quote after a backslash for escaped",
    changes: alsoVerifies(compactWith('"(?:\\\\"|[^"])*"')),
  },
  { caughtBy: "S23", mistake: "does not know escaped quotes", changes: alsoVerifies(compactWith('"[^"]*"')) },
  {
    caughtBy: "T05",
    mistake: "knows only the strings that have no quotes",
    changes: { forms: (body) => [body, escapedBytes(body.toString()), escapedBytes(compactWith('"[^"]*"')(body.toString()))] },
  },
  {
    caughtBy: "S24",
    mistake: "escapes with two backslashes",
    changes: alsoVerifies(replacing(/[^ -~]/g, (unit) => `\\${correct.escape.call(correct, unit)}`)),
  },
  {
    caughtBy: "S24",
    mistake: "does not count backslashes when it reads escapes",
    changes: alsoVerifies(replacing(/\\+u([0-9a-f]{4})/g, (found) => character(found))),
  },
  {
    caughtBy: "S24",
    mistake: "reads escapes after any backslash",
    changes: alsoVerifies(replacing(/\\u([0-9a-f]{4})/g, character)),
  },
  {
    caughtBy: "T03",
    mistake: "does not escape what follows a backslash",
    changes: {
      escape: (text) => text.replace(/(?<!\\)[^ -~]/g, (unit) => correct.escape.call(correct, unit)),
    },
  },
  { caughtBy: "S24", mistake: "takes two backslashes for one", changes: alsoVerifies((text) => text.replaceAll("\\\\", "\\")) },
  { caughtBy: "S24", mistake: "takes one backslash for two", changes: alsoVerifies((text) => text.replaceAll("\\", "\\\\")) },
  {
    caughtBy: "S24",
    mistake: "repairs a backslash before a character",
    changes: {
      parse: (body) => JSON.parse(strictly(body).replace(/\\([^ -~])/g, "$1")),
    },
  },
  { caughtBy: "S25", mistake: "normalises to NFC", changes: alsoVerifies((text) => text.normalize("NFC")) },
  { caughtBy: "S25", mistake: "normalises to NFD", changes: alsoVerifies((text) => text.normalize("NFD")) },
  { caughtBy: "S25", mistake: "normalises to NFKC", changes: alsoVerifies((text) => text.normalize("NFKC")) },
  { caughtBy: "S25", mistake: "writes lower case", changes: alsoVerifies((text) => text.toLowerCase()) },
  { caughtBy: "S25", mistake: "drops what is not ASCII", changes: alsoVerifies(replacing(/[^ -~]/g, "")) },
  { caughtBy: "S25", mistake: "drops emoji", changes: alsoVerifies(replacing(/\p{Emoji_Presentation}/gu, "")) },
  { caughtBy: "S25", mistake: "writes a space for other white space", changes: alsoVerifies(replacing(/\s/g, " ")) },
  { caughtBy: "S25", mistake: "writes \\n for \\r\\n", changes: alsoVerifies((text) => text.replaceAll("\\r\\n", "\\n")) },
  { caughtBy: "S25", mistake: "drops zero-width characters", changes: alsoVerifies(replacing(/[\u200b-\u200d\ufeff]/g, "")) },
  { caughtBy: "S25", mistake: "writes ? for what is not ASCII", changes: alsoVerifies(replacing(/[^ -~]/g, "?")) },
  { caughtBy: "S25", mistake: "writes ? for what is not Latin-1", changes: alsoVerifies(replacing(/[^\0-\xff]/g, "?")) },
  {
    caughtBy: "S25",
    mistake: "signs the low byte of each character",
    changes: { forms: (body) => [...correct.forms.call(correct, body), Buffer.from(body.toString(), "latin1")] },
  },
  { caughtBy: "S25", mistake: "drops U+0000", changes: alsoVerifies((text) => text.replaceAll("\\u0000", "")) },
  {
    caughtBy: "S25",
    mistake: "loses the digits of big integers",
    changes: alsoVerifies(replacing(inList("\\d{16,}"), (digits) => String(Number(digits)))),
  },
  { caughtBy: "S25", mistake: "verifies the first of two equal keys", changes: alsoVerifies(replacing(FIRST_OF_TWO, "$1")) },
  { caughtBy: "S25", mistake: "drops __proto__", changes: alsoVerifies(assigned) },
  { caughtBy: "S26", mistake: "parses and writes again", changes: alsoVerifies(reserialised()) },
  { caughtBy: "S26", mistake: "verifies the last of two equal keys", changes: alsoVerifies(replacing(LAST_OF_TWO, "$1")) },
  { caughtBy: "S26", mistake: "sorts the keys", changes: alsoVerifies(withKeys((keys) => keys.sort())) },
  { caughtBy: "S26", mistake: "writes the known fields again", changes: alsoVerifies(declared) },
  {
    caughtBy: "S26",
    mistake: "leaves out null",
    changes: alsoVerifies((text) => JSON.stringify(JSON.parse(text), (_, value) => value ?? undefined)),
  },
  {
    caughtBy: "S26",
    mistake: "writes numbers as JavaScript does",
    changes: alsoVerifies(replacing(inList("-?[\\d.e]+"), (number) => String(Number(number)))),
  },
  { caughtBy: "S26", mistake: "drops .0", changes: alsoVerifies(replacing(inList("(\\d+)\\.0"), "$1")) },
  {
    caughtBy: "S26",
    mistake: "writes numbers as Python does",
    changes: alsoVerifies(replacing(inList("\\d+e\\d+"), (number) => Number(number).toFixed(1))),
  },
  { caughtBy: "S26", mistake: "takes -0 for 0", changes: alsoVerifies(replacing(inList("-0"), "0")) },
  {
    caughtBy: "S26",
    mistake: "takes an escaped slash for a slash",
    changes: alsoVerifies((text) => text.replaceAll("\\/", "/")),
  },
  { caughtBy: "S26", mistake: "escapes slashes", changes: alsoVerifies(replacing(/\//g, "\\/")) },
  { caughtBy: "S26", mistake: "escapes markup", changes: alsoVerifies((text) => text.replaceAll("<", "\\u003c")) },
  {
    caughtBy: "S26",
    mistake: "takes an escape for its character",
    changes: alsoVerifies(replacing(/(?<!\\)\\u[0-9a-f]{4}/g, character)),
  },
  { caughtBy: "S27", mistake: "parses the escaped form", changes: alsoParses((text) => correct.escape.call(correct, text)) },
  { caughtBy: "S27", mistake: "parses the compact form", changes: alsoParses(compactWith('"(?:\\\\.|[^"\\\\])*"')) },
  { caughtBy: "S27", mistake: "trims and parses the trimmed body", changes: alsoParses((text) => text.trim()) },
  { caughtBy: "S27", mistake: "trims U+00A0", changes: alsoParses(replacing(/\u00a0+$/, "")) },
  { caughtBy: "S27", mistake: "takes U+2028 for white space", changes: alsoParses(replacing(/[\u2028\u2029]/g, "")) },
  { caughtBy: "S27", mistake: "takes U+0085 for white space", changes: alsoParses(replacing(/\u0085/g, "")) },
  { caughtBy: "S27", mistake: "trims U+0000", changes: alsoParses(replacing(/\0+$/, "")) },
  { caughtBy: "S27", mistake: "ends the body at U+0000", changes: alsoParses((text) => text.split("\0")[0] ?? "") },
  {
    caughtBy: "S27",
    mistake: "skips a byte order mark before it verifies",
    changes: alsoParses((text) => text.replace(/^\ufeff/, "")),
  },
  { caughtBy: "S27", mistake: "reads only the first of two lines", changes: alsoParses((text) => text.split("\n")[0] ?? "") },
  { caughtBy: "S28", mistake: "verifies and parses a repaired text", changes: decodesFirst((body) => body.toString()) },
  {
    caughtBy: "S28",
    mistake: "drops invalid bytes",
    changes: decodesFirst((body) => body.toString().replaceAll("\ufffd", "")),
  },
  {
    caughtBy: "S28",
    mistake: "reads the body as the Fetch API's text()",
    changes: decodesFirst((body) => new TextDecoder().decode(body)),
  },
  {
    caughtBy: "S29",
    mistake: "parses the body with collapsed white space",
    changes: { parse: (body) => JSON.parse(strictly(body).replace(/\s+/g, " ")) },
  },
  {
    caughtBy: "S29",
    mistake: "parses the body after reading escapes with a regular expression",
    changes: {
      parse: (body) => JSON.parse(strictly(body).replace(/\\?\\u00e9/g, "é")),
    },
  },
  {
    caughtBy: "S30",
    mistake: "reads the charset that the header names",
    changes: {
      reply: ({ message }, request) =>
        /iso-8859-1/.test(request.headers["content-type"] ?? "")
          ? Buffer.from(message.content).toString("latin1")
          : message.content,
    },
  },
];

function escapedBytes(text: string): Buffer {
  return Buffer.from(correct.escape.call(correct, text));
}

function character(escaped: string): string {
  return String.fromCharCode(Number.parseInt(escaped.slice(-4), 16));
}
