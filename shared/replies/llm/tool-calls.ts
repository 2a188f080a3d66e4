import { isRecord } from "../../json-text.ts";
import { jsonOf } from "./json.ts";

/** A call of a tool, as OpenAI's protocol has it. */
export interface ToolCall {
  readonly id: string;
  readonly type: "function";
  readonly function: { readonly name: string; readonly arguments: string };
}

interface Call {
  index: unknown;
  id: string;
  name: string;
  text: string;
}

/**
 * Puts the calls of an answer together from the pieces in which they are streamed. Providers differ (all of this was
 * reported): an index may be missing, or the same for all calls; an id may be in each piece, in the first one, or in none;
 * the arguments may come in pieces, whole, as an object, or not at all.
 */
export class CallCollector {
  readonly #calls: Call[] = [];

  add(pieces: readonly unknown[]): void {
    for (const piece of pieces) if (isRecord(piece)) this.#addPiece(piece);
  }

  /** The calls, each with an id of its own and with a JSON text as arguments. */
  get list(): ToolCall[] {
    const ids = new Set<string>();
    return this.#calls.map((call) => {
      if (call.id === "" || ids.has(call.id)) call.id = `call_${crypto.randomUUID()}`;
      ids.add(call.id);
      return { id: call.id, type: "function", function: { name: call.name, arguments: call.text.trim() || "{}" } };
    });
  }

  #addPiece({ index, id, function: called }: Record<string, unknown>): void {
    const { name, arguments: args } = isRecord(called) ? called : {};
    const piece = { index, id: textOf(id), name: textOf(name) };
    let call = this.#continued(piece);
    if (!call) {
      call = { ...piece, text: "" };
      this.#calls.push(call);
    }
    call.id ||= piece.id;
    call.name ||= piece.name;
    if (typeof args === "string") call.text += args;
    else if (isRecord(args)) call.text = JSON.stringify(args);
  }

  /** The call that a piece goes on with. Undefined if it begins a new one. */
  #continued({ index, id, name }: Omit<Call, "text">): Call | undefined {
    const candidates = index == null ? this.#calls : this.#calls.filter((call) => call.index === index);
    const sameId = id && candidates.find((call) => call.id === id);
    if (sameId) return sameId;
    const last = candidates.at(-1);
    if (!last || (id && last.id)) return undefined;
    // A name again begins a new call, unless the provider repeats the name in each piece of one call.
    if (name && last.name && (name !== last.name || jsonOf(last.text) !== undefined)) return undefined;
    return last;
  }
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
