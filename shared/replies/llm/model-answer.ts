import type { Piece } from "./provider.ts";
import { ThinkFilter } from "./think-filter.ts";
import { CallCollector } from "./tool-calls.ts";

/** Finish reasons of an answer that is not complete. All others are, such as `length` and a provider's own words. */
const INCOMPLETE = ["content_filter", "error"];

/** One answer of the model: its text for the customer, its calls of tools, and how it ended. */
export class ModelAnswer {
  readonly calls = new CallCollector();
  /** The text that was shown so far. */
  text = "";
  readonly #filter: ThinkFilter | undefined;
  #hasThought = false;
  #finishReason = "";

  constructor(showThinking: boolean) {
    this.#filter = showThinking ? undefined : new ThinkFilter();
  }

  /** The text to show, in pieces as they come. */
  async *read(pieces: AsyncIterable<Piece>): AsyncGenerator<string> {
    for await (const { text, isThought, toolCalls, finishReason } of pieces) {
      this.calls.add(toolCalls);
      this.#hasThought ||= isThought || text !== "";
      this.#finishReason ||= finishReason;
      yield* this.#show(this.#filter ? this.#filter.push(text) : text);
    }
    yield* this.#show(this.#filter?.end() ?? "");
  }

  /** Throws if the model did not come to its end. */
  mustNotBeCut(): void {
    if (INCOMPLETE.includes(this.#finishReason)) throw new Error(`the model's answer broke off ${this.#end}`);
  }

  /** Throws if the customer did not get a whole answer. */
  mustBeComplete(): void {
    if (this.text !== "") return;
    if (this.calls.list.length > 0) throw new Error(`the model went on calling tools in its last round ${this.#end}`);
    throw new Error(`the model ${this.#hasThought ? "only thought, and " : ""}gave no answer ${this.#end}`);
  }

  get #end(): string {
    return `(finish reason: ${this.#finishReason || "none"})`;
  }

  *#show(piece: string): Generator<string> {
    // White space at the start is no answer, and remains where thinking was removed.
    const text = this.text === "" ? piece.trimStart() : piece;
    if (text === "") return;
    this.text += text;
    yield text;
  }
}
