import { visible, visibleLines } from "../shared/visible.ts";
import type { AppSecrets } from "./app-secrets.ts";
import { percentDecoded } from "./percent-decoded.ts";
import { maskFor } from "./secret-mask.ts";

const SHOWN_CHARACTERS = 300;
/** If only the start of a text is shown, secrets are searched in this many characters. */
const SEARCHED_CHARACTERS = 65_536;
/** Every form of a secret is at most this many times as long as the secret. */
const LONGEST_FORM = 20;
const INDENT = "  ";

/** Makes the start of a peer's text safe to show, on one line. */
export type Quote = (text: string) => string;

/** The texts that must never be shown. */
export interface Secrets {
  readonly secret?: string | undefined;
  readonly previous?: string | undefined;
  readonly appSecrets?: AppSecrets | undefined;
  /** Their passwords are secrets. */
  readonly urls?: readonly (URL | undefined)[];
}

/** A shorter secret is in many texts by chance, and hiding it there would reveal it. */
const SHORTEST_IN_PEERS = 4;
/** In our own text, a shorter secret is not hidden: "the secret" does not reveal that it is "secret". */
const SHORTEST_IN_OURS = 8;

/**
 * Every text of a peer passes through here on its way to a terminal, a report or a file. Secrets are masked, and
 * characters that control the terminal are made visible.
 */
export class PeerText {
  /** Masks the secrets in a text of the peer. Control characters stay. */
  readonly mask: (text: string) => string;
  /** Masks the secrets in a text of our own. They may be in a quote or in an argument. */
  readonly maskOwn: (text: string) => string;
  readonly #longestForm: number;

  constructor({ secret = "", previous = "", appSecrets = new Map(), urls = [] }: Secrets) {
    const passwords = new Set(urls.map((url) => percentDecoded(url?.password ?? "")));
    const secrets = [
      { secret, name: "$SECRET" },
      { secret: previous, name: "$PREVIOUS" },
      ...[...appSecrets.values()].flat().map((secret) => ({ secret, name: "$SECRET" })),
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
    // Masked before it is cut: half of a secret would not be found.
    let masked = this.mask(text.slice(0, SEARCHED_CHARACTERS));
    const isWhole = text.length <= SEARCHED_CHARACTERS;
    if (!isWhole && masked.length < SHOWN_CHARACTERS + this.#longestForm) masked = this.mask(text);
    // A copy, because a slice would hold all of a long text in memory.
    const start = Buffer.from(visible(masked.slice(0, SHOWN_CHARACTERS))).toString();
    return isWhole && masked.length <= SHOWN_CHARACTERS ? start : `${start}… (${text.length} characters)`;
  };

  /** A line of our own text, which may contain quotes. */
  line(text: string): string {
    return visible(this.maskOwn(text));
  }

  /** A URL without its user name and password. */
  url(url: URL): string {
    const shown = new URL(url);
    if (shown.username) shown.username = "***";
    shown.password = "";
    return this.line(shown.href);
  }

  /** The whole text with its lines indented, so that no line looks like one of our own. */
  block(text: string): string {
    return `${INDENT}${visibleLines(this.mask(text)).replaceAll("\n", `\n${INDENT}`)}`;
  }
}
