/** What the stack traces of a language contain. No line end and no quote must match: in JSON and HTML, they are escaped. */
const STACKS: Record<string, readonly RegExp[]> = {
  JavaScript: [/\.[cm]?[jt]sx?:\d{1,6}:\d/, /\bnode:internal\//],
  Python: [/Traceback \(most recent call last\)/, /\bFile \\?"[^"\\\n]{1,200}\\?", line \d/],
  PHP: [
    /Stack trace:\s{0,9}(?:\\n)?#0 /,
    /#\d{1,3} \/[^\s()]{1,200}\.php\(\d/,
    /\bin (?:<b>)?\/[^\s<]{1,200}\.php(?:<\/b>)? on line /,
  ],
  Java: [/\.(?:java|kt|scala|groovy):\d{1,6}\)/],
  Go: [/goroutine \d{1,9} \[/, /\.go:\d{1,6} \+0x[0-9a-f]/],
  Ruby: [/\.rb:\d{1,6}:in [`'"\\]/],
  ".NET": [/\.(?:cs|fs|vb):line \d/],
  Rust: [/panicked at [^\s:]{1,200}\.rs:\d/],
  Perl: [/\.p[lm] line \d/],
};

const NOT_IN_PATHS = /[^\w.@/\\-]+/;
/** A folder in which programs lie. The letter of an escaped line end may stand before it. */
const ROOT = /^(?:\\[nrt])?(?:\/(?:home|root|usr|var|opt|srv|app|Users|tmp|mnt|workspace)\/|\\{1,2}(?:Users|inetpub)\\)/;
const SOURCE = /\.(?:[cm]?[jt]sx?|py|rb|php|go|java|cs|rs|pl|env|json|db)[.\\]{0,9}$/;

/** The language of the stack trace in `text`; undefined if there is none. */
export function stackIn(text: string): string | undefined {
  return Object.keys(STACKS).find((language) => STACKS[language]?.some((pattern) => pattern.test(text)));
}

/** The path of a source or settings file on the server's disk; undefined if there is none. */
export function filePathIn(text: string): string | undefined {
  return text.split(NOT_IN_PATHS).find((word) => ROOT.test(word) && SOURCE.test(word));
}
