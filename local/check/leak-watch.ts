import { maskFor } from "../secret-mask.ts";
import { bodyBytes } from "../sender/body.ts";
import { signatureDigest } from "../sender/hmac.ts";
import { compact, escaped } from "../sender/json-forms.ts";
import { filePathIn, stackIn } from "./stack-traces.ts";
import type { Sent } from "./webhook.ts";

/** A leak is near the start of an answer: an error, a page, a header. */
const SEARCHED_CHARACTERS = 65_536;
/** The signature is computed again for bodies up to this length. */
const MAX_SIGNED_BYTES = 65_536;

/** A shorter secret is in some text by chance. */
export const SHORTEST_SEARCHABLE_SECRET = 8;

/** An answer that shows what no answer may show, and what it shows. */
export interface Leak {
  readonly what: string;
  readonly sent: Sent;
}

/** Looks at every answer of a run. Keeps the first leak of each kind. */
export class LeakWatch {
  secret: Leak | undefined;
  signature: Leak | undefined;
  stack: Leak | undefined;
  filePath: Leak | undefined;
  readonly #secret: string | undefined;
  readonly #withoutSecret: (text: string) => string;

  constructor(secret: string | undefined) {
    this.#secret = secret;
    this.#withoutSecret = maskFor(secret ?? "", "", SHORTEST_SEARCHABLE_SECRET);
  }

  /** Looks at the answer to the request whose bytes were `wire`. With `brokenOff`, a proxy may have answered for the webhook. */
  look(sent: Sent, wire: Buffer, brokenOff = false): void {
    if (!sent.answer) return;
    const shown = shownText(sent);
    // A secret that is a word of our own request is no leak where this word is repeated.
    const isOurs = this.#secret !== undefined && wire.includes(this.#secret);
    if (!isOurs && this.#withoutSecret(shown) !== shown) this.secret ??= { what: "the secret", sent };
    if (brokenOff) return;
    const stack = stackIn(shown);
    if (stack) this.stack ??= { what: `a stack trace (${stack})`, sent };
    if (sent.answer.status < 400) return;
    const path = filePathIn(shown);
    if (path) this.filePath ??= { what: `the path of a file, ${sent.quote(path)}`, sent };
    if (this.#expected(sent, wire).some((value) => shown.includes(value)))
      this.signature ??= { what: "the signature that it expected", sent };
  }

  /** The signatures that this request should have had, without those that it had. */
  #expected({ request }: Sent, wire: Buffer): string[] {
    const body = bodyBytes(request.body);
    if (this.#secret === undefined || body.length > MAX_SIGNED_BYTES) return [];
    const head = wire.toString("latin1", 0, wire.indexOf("\r\n\r\n"));
    const [, time = ""] = /\nX-Timestamp: ([^\r]*)/i.exec(head) ?? [];
    const text = body.toString();
    const forms = new Set([text, escaped(text), escaped(compact(text))]);
    return [...forms].flatMap((form) => {
      const digest = signatureDigest(this.#secret as string, time, Buffer.from(form));
      const hex = digest.toString("hex");
      const values = [hex, hex.toUpperCase(), digest.toString("base64")];
      return values.some((value) => head.includes(value)) ? [] : values;
    });
  }
}

/** The headers and the start of the body. */
export function shownText({ answer }: Sent): string {
  const headers = answer?.headers.map((header) => header.join(": ")) ?? [];
  const body = new TextDecoder().decode(answer?.body.subarray(0, SEARCHED_CHARACTERS));
  return `${headers.join("\n")}\n\n${body}`.slice(0, 2 * SEARCHED_CHARACTERS);
}
