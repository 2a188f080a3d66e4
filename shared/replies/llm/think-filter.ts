const OPEN = "<think>";
const CLOSE = "</think>";

/** Removes what a model writes between `<think>` and `</think>`, however the text is cut into pieces. */
export class ThinkFilter {
  /** The end of the text so far, of which it is not known yet what it is: at most the start of a tag. */
  #held = "";
  /** The thoughts, which may turn out to be text after all. */
  #thoughts: string[] = [];
  #isInside = false;
  #hasShown = false;

  /** The text to show now. */
  push(piece: string): string {
    let rest = this.#held + piece;
    let shown = "";
    for (;;) {
      const tag = this.#isInside ? CLOSE : OPEN;
      const at = rest.indexOf(tag);
      const end = at === -1 ? rest.length - startOfTagAtEnd(rest, tag) : at;
      if (this.#isInside) this.#thoughts.push(rest.slice(0, end));
      else shown += this.#show(rest.slice(0, end));
      if (at === -1) {
        this.#held = rest.slice(end);
        return shown;
      }
      rest = rest.slice(at + tag.length);
      this.#isInside = !this.#isInside;
      this.#thoughts = [];
    }
  }

  /** The text to show when the answer is complete. */
  end(): string {
    // A tag in the middle of an answer that is never closed was meant as text. At the start, the thinking was cut off.
    if (this.#isInside) return this.#hasShown ? OPEN + this.#thoughts.join("") + this.#held : "";
    return this.#show(this.#held);
  }

  #show(text: string): string {
    this.#hasShown ||= text.trim() !== "";
    return text;
  }
}

/** How many characters at the end of `text` may be the start of a tag. */
function startOfTagAtEnd(text: string, tag: string): number {
  for (let length = tag.length - 1; length > 0; length--) if (text.endsWith(tag.slice(0, length))) return length;
  return 0;
}
