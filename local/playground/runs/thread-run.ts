import type { OutgoingRequest } from "../../sender/outgoing-request.ts";
import { HttpError } from "../http-error.ts";
import { HISTORY_TAIL, payloadJson } from "../payload.ts";
import { microsecondsNow } from "../python/time.ts";
import { dict, type PythonDict } from "../python/value.ts";
import type { App, Message, Thread } from "../store/records.ts";
import type { Store } from "../store/store.ts";
import { Call } from "./call.ts";
import type { Observe, Route } from "./events.ts";
import { simulated } from "./simulator.ts";

/** What every run needs beside its App and thread. */
export interface RunContext {
  readonly store: Store;
  readonly observe: Observe;
  /** What is changed on the way, to see what the webhook makes of it. The main app changes nothing. */
  readonly distort?: Distortion;
}

export interface Distortion {
  readonly run?: (run: ThreadRun) => ThreadRun;
  readonly request?: (request: OutgoingRequest) => OutgoingRequest;
}

/** What a run reads of its thread before it calls anything. */
export interface ThreadRun {
  readonly app: App;
  readonly thread: Thread;
  readonly message: Message;
  readonly history: readonly Message[];
  /** The seq that an answer will have, if nobody adds a message before. */
  readonly nextSeq: number;
}

/** Throws an {@link HttpError} without a user message. */
export function readThread(store: Store, app: App, thread: Thread): ThreadRun {
  const message = store.lastUserMessage(thread.id);
  if (!message) throw new HttpError(400, "ERROR_NO_USER_MESSAGES");
  return { app, thread, message, history: store.tail(thread.id, HISTORY_TAIL), nextSeq: store.nextSeq(thread.id) };
}

/** The call of a thread's webhook. Throws an InternalError where the main app fails. */
export function callFor({ observe, distort }: RunContext, route: Route, run: ThreadRun): Call {
  const { app, thread, message, history } = distort?.run?.(run) ?? run;
  const at = microsecondsNow();
  const json = payloadJson({ app, thread, message, history, at });
  return new Call({
    ...{ route, app, url: app.webhookUrl ?? "", threadId: thread.id, json, at },
    ...{ timeoutMs: app.timeoutMs, observe, distort: distort?.request },
  });
}

/** The `content_json` of a stored answer. */
export function sourceOf(app: App): PythonDict {
  const simulation = simulated(app);
  return dict(simulation ? { source: "simulator", ...simulation } : { source: "webhook" });
}
