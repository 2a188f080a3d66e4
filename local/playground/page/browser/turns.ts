import type { ExchangeView, MessageView } from "../protocol.ts";

/** A user's message, the requests that it caused, and the messages that came of them. */
export interface Turn {
  readonly key: string;
  /** Of its first message. */
  readonly seq: number;
  readonly message: MessageView | null;
  readonly parts: Part[];
}

export interface Part {
  readonly exchange: ExchangeView | null;
  readonly replies: MessageView[];
}

/** Puts each stored message under the request that was running when it was stored, or that ended before it. */
export function turnsOf(messages: readonly MessageView[], exchanges: readonly ExchangeView[]): Turn[] {
  const byMessage = Map.groupBy(exchanges, ({ messageId }) => messageId);
  const turns: Turn[] = [];
  for (const message of messages) {
    const turn = turns.at(-1);
    if (message.role === "user") {
      const own = byMessage.get(message.id) ?? [];
      turns.push({ key: message.id, seq: message.seq, message, parts: own.map((exchange) => ({ exchange, replies: [] })) });
    } else if (!turn)
      turns.push({ key: message.id, seq: message.seq, message: null, parts: [{ exchange: null, replies: [message] }] });
    else {
      const part = turn.parts.findLast(({ exchange }) => !exchange || exchange.at <= message.createdAt) ?? turn.parts[0];
      if (part) part.replies.push(message);
      else turn.parts.push({ exchange: null, replies: [message] });
    }
  }
  return turns;
}

const BLOCK = 50;

/** Turns in blocks that stay the same when older ones come in before them. */
export function blocksOf(turns: readonly Turn[]): [number: number, turns: Turn[]][] {
  return [...Map.groupBy(turns, ({ seq }) => Math.floor(seq / BLOCK))];
}
