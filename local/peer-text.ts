import { visible, visibleLines } from "../shared/visible.ts";
import { maskFor } from "./secret-mask.ts";

const SHOWN_CHARACTERS = 300;
/** Characters that are searched for a secret where only the start is shown. */
const SEARCHED_CHARACTERS = 65_536;
/** No form of a secret is longer than this many times its length. */
const LONGEST_FORM = 20;
const INDENT = "  ";

/** The start of a text of a peer's, on one line, as it may be shown. */
export type Quote = (text: string) => string;

/** What must never be shown. */
export interface Secrets {
  readonly secret?: string | undefined;
  readonly previous?: string | undefined;
  /** Their passwords are secrets too. */
  readonly urls?: readonly (URL | undefined)[];
}

/** A shorter secret stands in any text by chance, and hiding it there would tell it. */
const SHORTEST_IN_PEERS = 4;
/** In our own words even these are no secret: "the secret" does not tell that it is "secret". */
const SHORTEST_IN_OURS = 8;

/**
 * The way of every text of a peer's to a terminal, a report or a file: the secrets in it are masked, and nothing in
 * it controls the terminal.
 */
export class PeerText {
  /** A text of the peer's with the secrets masked, and nothing else. */
  readonly mask: (text: string) => string;
  /** A text of our own with the secrets masked: they may have come into it with what we were given. */
  readonly maskOwn: (text: string) => string;
  readonly #longestForm: number;

  constructor({ secret = "", previous = "", urls = [] }: Secrets) {
    const passwords = new Set(urls.map((url) => decodeURIComponent(url?.password ?? "")));
    const secrets = [
      { secret, name: "$SECRET" },
      { secret: previous, name: "$PREVIOUS" },
      ...[...passwords].map((password) => ({ secret: password, name: "***" })),
    ];
    const masking = (shortest: number) => {
      const masks = secrets.map(({ secret, name }) => maskFor(secret, name, shortest));
      return (text: string) => masks.reduce((shown, mask) => mask(shown), text);
    };
    this.mask = masking(SHORTEST_IN_PEERS);
    this.maskOwn = masking(SHORTEST_IN_OURS);
    this.#longestForm = LONGEST_FORM * Math.max(...secrets.map(({ secret }) => secret.length));
  }

  readonly quote: Quote = (text) => {
    // Masked before it is cut: what is left of a secret that was cut in two would not be found.
    let masked = this.mask(text.slice(0, SEARCHED_CHARACTERS));
    const isWhole = text.length <= SEARCHED_CHARACTERS;
    if (!isWhole && masked.length < SHOWN_CHARACTERS + this.#longestForm) masked = this.mask(text);
    // A copy, as a slice would keep all of a long text in memory.
    const start = Buffer.from(visible(masked.slice(0, SHOWN_CHARACTERS))).toString();
    return isWhole && masked.length <= SHOWN_CHARACTERS ? start : `${start}… (${text.length} characters)`;
  };

  /** A line of our own, which may hold quotes. */
  line(text: string): string {
    return visible(this.maskOwn(text));
  }

  /** A URL that was given to us, without the user's name and password. */
  url(url: URL): string {
    const shown = new URL(url);
    if (shown.username) shown.username = "***";
    shown.password = "";
    return this.line(shown.href);
  }

  /** All of the text, each of its lines indented: none looks like a line of our own. */
  block(text: string): string {
    return `${INDENT}${visibleLines(this.mask(text)).replaceAll("\n", `\n${INDENT}`)}`;
  }
}
