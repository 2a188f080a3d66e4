import { compactJson } from "../python/text.ts";
import { dict } from "../python/value.ts";
import type { App, Thread } from "../store/records.ts";
import { messageView } from "../views.ts";
import { replyIn } from "./answer.ts";
import { simulated, simulatorReply } from "./simulator.ts";
import { callFor, type RunContext, readThread, sourceOf, type ThreadRun } from "./thread-run.ts";

/**
 * `POST …/run`: calls the webhook, stores its reply, and returns the body of the answer. Throws an HttpError, or an
 * InternalError where the main app answers 500 and the reply is lost.
 */
export async function syncRun(context: RunContext, app: App, thread: Thread): Promise<string> {
  const run = readThread(context.store, app, thread);
  if (simulated(app)) return completed(context, run, simulatorReply(run.message));
  const call = callFor(context, "run", run);
  try {
    const outcome = replyIn(await call.send());
    const text = "error" in outcome ? failed(outcome.error) : completed(context, run, outcome.reply);
    call.result(text);
    call.end();
    return text;
  } catch (error) {
    call.end(error);
    throw error;
  }
}

/** Metadata of the webhook is dropped (observed). */
function completed({ store }: RunContext, { app, thread, nextSeq }: ThreadRun, content: string): string {
  const stored = store.addMessage(thread.id, { role: "assistant", content, contentJson: sourceOf(app) }, nextSeq);
  return compactJson(dict({ status: "completed", assistant_message: messageView(stored), error: null }));
}

function failed(error: string): string {
  return compactJson(dict({ status: "error", assistant_message: null, error }));
}
