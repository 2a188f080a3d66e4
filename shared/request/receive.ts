import type { Clock } from "../clock.ts";
import type { Exchange } from "../exchange.ts";
import { Problem } from "../problem.ts";
import type { Payload } from "../reply-types.ts";
import { parsePayload } from "./parse.ts";
import { type ReadBytes, readBody } from "./read.ts";
import { createVerifier, speaksFor, type Verified, type VerifySettings } from "./verify.ts";

/** The most characters of an id that are logged. */
const MAX_ID_LENGTH = 64;

/** A message that may be answered, and who signed it. */
export interface Received {
  readonly payload: Payload;
  readonly verified: Verified;
}

/** Receives a message: reads, verifies and parses it. Tells `exchange` what is known of it, also if it is refused. */
export function createReceiver(settings: VerifySettings, clock: Clock, readBytes: ReadBytes | undefined) {
  const verify = createVerifier(settings, clock);

  return async (request: Request, exchange: Exchange): Promise<Received | Problem> => {
    const rawBody = await readBody(request, clock, readBytes);
    if (rawBody instanceof Problem) return rawBody;

    const verified = await verify(request.headers, rawBody);
    if (verified instanceof Problem) return verified;
    const { form, signer } = verified;
    exchange.senderForm = form;

    const payload = parsePayload(rawBody);
    if (payload instanceof Problem) return payload;
    const { app, thread, message } = payload;
    exchange.facts = {
      app_id: cut(app.id),
      thread_id: cut(thread.id),
      message_id: cut(message.id),
      signed_with: signer && (signer.isPrevious ? "previous" : "current"),
    };
    return speaksFor(app.id, verified, settings) ? { payload, verified } : new Problem("signature_mismatch");
  };
}

function cut(id: string | undefined): string | undefined {
  return id?.slice(0, MAX_ID_LENGTH);
}
