/** Kinds of text that programs change by mistake: what is changed then, and an example in a surrounding that only it has. */
const KINDS: readonly (readonly [kind: string, example: string])[] = [
  ["accents", "accents: Zoë ñ;"],
  ["combining accents (normalised)", "combining: e\u0301 o\u0308;"],
  ["compatibility characters (normalised)", "compatibility: \ufb01 \u2460 \uff21;"],
  ["Chinese", "Chinese: 日本;"],
  ["emoji", "emoji: 😀;"],
  ["joined emoji and variation selectors", "joined: 👩\u200d👩\u200d👧 ❤\ufe0f;"],
  ["zero-width characters", "invisible: a\u200bb\u00adc;"],
  ["no-break spaces and U+2028", "breaks: a\u00a0b\u2028c;"],
  ["capital letters", "capitals: ABC ÀÉ ẞ;"],
  ["quotes", `quotes: "double" 'single' it's;`],
  ["dashes and dots", "dashes: a -- b ... c;"],
  ["markup", "markup: <b>bold</b> & <br>;"],
  ["HTML escapes", "escapes: &amp; &lt;i&gt; &#39;;"],
  ["percent signs and plus signs", "percent: 1+1 %41 100%25;"],
  ["backslashes", "backslashes: C:\\new \\u00e9 \\\\;"],
  ["replacement patterns", "patterns: $& $' $$ $1;"],
  ["braces", "braces: {x} {0} {{y}} $z %s %d;"],
  ["Markdown", "Markdown: **a** _b_ `c` [d](e);"],
  ["spaces", "spaces: a  b   c;"],
  ["tabs", "tabs: a\tb;"],
  ["spaces at the end of a line", "line:  \nnext;"],
  ["empty lines", "lines: a\n\n\nb;"],
  ["carriage returns", "returns: a\r\nb;"],
];

/** A text of every kind, with white space around it. */
export const EVERY_KIND = `  ${KINDS.map(([, example]) => example).join(" ")} \n`;

/** The kinds that are not in `received` as they were sent. */
export function changedKinds(received: string): string[] {
  const changed = KINDS.filter(([, example]) => !received.includes(example)).map(([kind]) => kind);
  return changed.length > 0 ? changed : ["white space at the start or at the end, or between the words"];
}

/** How the encoding of `received` is broken, in words; undefined if it is not. */
export function brokenEncoding(received: string): string | undefined {
  if (received.includes(Buffer.from("Zoë").toString("latin1"))) return "mojibake (UTF-8 read as Latin-1)";
  if (received.includes("\ufffd")) return "U+FFFD (UTF-8 that was cut or read as something else)";
  return /: (?:Zo)?\?+[ ;]/.test(received) ? "? in place of a character" : undefined;
}
