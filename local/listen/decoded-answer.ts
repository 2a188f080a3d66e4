import { ContentDecoder } from "../http/content-encoding.ts";
import { answerHeader, type Exchange, type Piece } from "../http/exchange.ts";
import { LIMITS } from "../http/limits.ts";
import { UnreadableAnswer } from "../http/unreadable-answer.ts";

/** The exchange with its body decoded, as the main app reads it, if it is compressed. */
export async function decodedAnswer(exchange: Exchange): Promise<Exchange> {
  const { answer } = exchange;
  const encoding = answerHeader(exchange, "content-encoding");
  if (!answer || !encoding) return exchange;
  const pieces: Piece[] = [];
  const body = () => Buffer.concat(pieces.map(({ bytes }) => bytes));
  let decoder: ContentDecoder | undefined;
  try {
    decoder = new ContentDecoder(encoding, LIMITS.bodyBytes);
    for (const piece of answer.pieces) {
      const bytes = await decoder.decode(piece.bytes);
      if (bytes.length > 0) pieces.push({ ...piece, bytes });
    }
    return { ...exchange, answer: { ...answer, pieces, body: body() } };
  } catch (error) {
    if (!(error instanceof UnreadableAnswer)) throw error;
    const { kind, message, peerText } = error;
    return { ...exchange, answer: { ...answer, pieces, body: body() }, failure: { kind, message, peerText } };
  } finally {
    decoder?.close();
  }
}
