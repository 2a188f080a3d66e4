const TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });

/** The time today, the day otherwise. */
export function when(at: number): string {
  const date = new Date(at);
  return date.toDateString() === new Date().toDateString() ? TIME.format(date) : DAY.format(date);
}

export const duration = (ms: number) => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`);

const SHOWN_BYTES = 2000;

/** The start of some bytes as text, and how many they are. */
export function decoded(base64: string): { text: string; length: number } {
  // Three bytes are four digits.
  const start = atob(base64.slice(0, Math.ceil(SHOWN_BYTES / 3) * 4));
  const bytes = Uint8Array.from(start, (character) => character.charCodeAt(0));
  const padding = base64.slice(-2).split("=").length - 1;
  return { text: new TextDecoder().decode(bytes), length: (base64.length / 4) * 3 - padding };
}

/** The same JSON with line breaks: only white space is added or taken away. Null if it is none. */
export function indented(json: string): string | null {
  try {
    JSON.parse(json);
  } catch {
    return null;
  }
  let out = "";
  let depth = 0;
  const line = () => `\n${"  ".repeat(depth)}`;
  const tokens = json.match(/"[^"\\]*(?:\\.[^"\\]*)*"|[^\s{}[\],:"]+|[{}[\],:]/g) ?? [];
  tokens.forEach((token, index) => {
    const empty = /[}\]]/.test(tokens[index + 1] ?? "");
    if (token === "{" || token === "[") {
      depth++;
      out += token + (empty ? "" : line());
    } else if (token === "}" || token === "]") {
      depth--;
      out += (/[{[]$/.test(tokens[index - 1] ?? "") ? "" : line()) + token;
    } else out += token === "," ? `,${line()}` : token === ":" ? ": " : token;
  });
  return out;
}
