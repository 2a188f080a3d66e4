/**
 * How languages write a stack trace. The line ends and quotes in it may be escaped as JSON or HTML, so no pattern needs
 * them (and in JSON, the letter of an escape may stand before a word). Every repetition has a limit, so that the time is proportional to the length of the text.
 */
const STACKS: Record<string, readonly RegExp[]> = {
  JavaScript: [
    /(?:\b|\\[nt])at (?:[^\n()"]{1,100} \()?(?:file:|node:)[^\s()"]{1,200}:\d{1,6}:\d/,
    /(?:\b|\\[nt])at (?:[^\n()"]{1,100} \()?[^\s()"]{1,200}\.[cm]?[jt]sx?:\d{1,6}:\d/,
  ],
  Python: [/Traceback \(most recent call last\)/, /\bFile \\?"[^"\\\n]{1,200}\\?", line \d/],
  PHP: [
    /Stack trace:\s{0,9}(?:\\n)?#0 /,
    /#\d{1,3} \/[^\s()]{1,200}\.php\(\d/,
    /\bin (?:<b>)?\/[^\s<]{1,200}\.php(?:<\/b>)? on line /,
  ],
  Java: [/(?:\b|\\[nt])at [\w$./<>@-]{1,200}\((?:[\w$-]{1,100}\.(?:java|kt|scala|groovy):\d|Native Method\)|Unknown Source\))/],
  Go: [/goroutine \d{1,9} \[/, /\.go:\d{1,6} \+0x[0-9a-f]/],
  Ruby: [/\.rb:\d{1,6}:in [`'"\\]/],
  ".NET": [/\) in [^\n"]{1,200}:line \d/],
  Rust: [/panicked at [^\s:]{1,200}\.rs:\d/],
  Perl: [/(?:\b|\\[nt])at \/[^\s"]{1,200}\.p[lm] line \d/],
};

const FILE_PATH =
  /(?:\/(?:home|root|usr|var|opt|srv|app|Users|tmp|mnt|workspace)\/|\b[A-Z]:\\{1,2})[\w.@/\\-]{1,200}\.(?:[cm]?[jt]sx?|py|rb|php|go|java|cs|rs|pl|env|json|db)\b/;

/** The language of the stack trace in `text`; undefined if there is none. */
export function stackIn(text: string): string | undefined {
  return Object.keys(STACKS).find((language) => STACKS[language]?.some((pattern) => pattern.test(text)));
}

/** A path of a source or settings file on the server's disk; undefined if there is none. */
export function filePathIn(text: string): string | undefined {
  return FILE_PATH.exec(text)?.[0];
}
