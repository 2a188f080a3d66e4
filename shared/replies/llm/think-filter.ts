const OPEN = "<think>";
const CLOSE = "</think>";

/** Removes what a model writes between `<think>` and `</think>`, however the text is cut into pieces. */
export class ThinkFilter {
  /** Text of which it is not known yet whether it is shown. */
  #held = "";
  #isInside = false;
  #hasShown = false;

  /** The text to show now. */
  push(piece: string): string {
    let from = Math.max(0, this.#held.length - CLOSE.length);
    this.#held += piece;
    let shown = "";
    for (;;) {
      const tag = this.#isInside ? CLOSE : OPEN;
      const at = this.#held.indexOf(tag, from);
      if (at === -1) break;
      if (!this.#isInside) shown += this.#show(this.#held.slice(0, at));
      this.#held = this.#held.slice(at + tag.length);
      this.#isInside = !this.#isInside;
      from = 0;
    }
    if (this.#isInside) return shown;
    const rest = this.#held;
    this.#held = rest.slice(rest.length - startOfTagAtEnd(rest));
    return shown + this.#show(rest.slice(0, rest.length - this.#held.length));
  }

  /** The text to show when the answer is complete. */
  end(): string {
    // A tag in the middle of an answer that is never closed was meant as text. At the start, the thinking was cut off.
    if (this.#isInside) return this.#hasShown ? OPEN + this.#held : "";
    return this.#show(this.#held);
  }

  #show(text: string): string {
    this.#hasShown ||= text.trim() !== "";
    return text;
  }
}

/** How many characters at the end of `text` may be the start of a tag. */
function startOfTagAtEnd(text: string): number {
  for (let length = OPEN.length - 1; length > 0; length--) if (text.endsWith(OPEN.slice(0, length))) return length;
  return 0;
}
