import type { Clock } from "./clock.ts";
import type { Log } from "./log.ts";
import type { PartnerApi } from "./partner-api.ts";
import { type StoredReply, storeReply } from "./store-reply.ts";

/**
 * Keeps a reply in its thread, by `deadline`, of the clock's uptime; undefined where that failed, which the log
 * says with what to do. Never rejects.
 */
export type Keep = (text: string, deadline: number) => Promise<StoredReply | undefined>;

interface KeepOptions {
  readonly api: PartnerApi;
  readonly threadId: string;
  readonly requestId: string;
  readonly clock: Clock;
  readonly log: Log;
  /** The latest uptime for any reply: a process that is about to end sets one. */
  readonly latest: () => number;
}

const ADVICE: Record<number, string> = {
  401: "Is WEBHOOK_SECRET the App's secret, without white space around it and in ASCII letters only?",
  404: "Is BACKEND_URL the backend that sent the message?",
};

export function createKeep({ api, threadId, requestId, clock, log, latest }: KeepOptions): Keep {
  return async (text, deadline) => {
    const timeLeft = () => Math.min(deadline, latest()) - clock.uptime();
    try {
      const stored = await storeReply(api, threadId, text, requestId, clock, timeLeft);
      if ("message_id" in stored) return stored;
      const fate = stored.nothingDone
        ? "was not stored, so the chat will forget it"
        : "may have been stored, but the chat forgets it until the thread is loaded again";
      const advice = ADVICE[stored.status ?? 0] ?? "Is the main app up, and does BACKEND_URL lead to it?";
      log({
        level: "error",
        event: "reply",
        request_id: requestId,
        code: "not_stored",
        message: `The reply ${fate} (${stored.detail}). ${advice}`,
      });
    } catch (error) {
      log({ level: "error", event: "reply", request_id: requestId, code: "not_stored", message: String(error) });
    }
    return undefined;
  };
}
