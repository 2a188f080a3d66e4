/**
 * What the page and the server say to each other: JSON over the routes below, and one stream of server-sent events. No import of
 * Node: the browser uses these types too. Times are Unix milliseconds, unless a name says otherwise. Bytes are in base64.
 *
 *   GET    /                                   the page
 *   GET    /playground/page.js, page.css       its script and its style
 *   GET    /playground/state                   State
 *   POST   /playground/apps                    AppFields -> AppView
 *   PATCH  /playground/apps/:app               AppFields -> AppView
 *   DELETE /playground/apps/:app               with its threads; 409 while one of its messages is being answered
 *   DELETE /playground/threads/:thread         the same for one thread
 *   POST   /playground/apps/:app/secret        -> { secret }: only when somebody asks to see it
 *   GET    /playground/apps/:app/threads       -> ThreadView[], newest change first
 *   POST   /playground/apps/:app/threads       -> ThreadView
 *   GET    /playground/threads/:thread/messages?before=SEQ&limit=N   -> MessageView[], the newest ones, oldest first
 *   GET    /playground/threads/:thread/exchanges                     -> ExchangeView[], oldest first
 *   POST   /playground/threads/:thread/send    Sending -> { message, exchange: the id of the run }
 *   POST   /playground/exchanges/:id/stop      hangs up, as the Stop button of the chat does
 *   GET    /playground/exchanges/:id           -> ExchangeDetails
 *   POST   /playground/apps/:app/test          -> { exchange }: the Test button
 *   POST   /playground/apps/:app/checks        -> 202: all checks of `npx replyhook check`; progress comes as events
 *   POST   /playground/checks/stop             ends the run of the checks
 *   GET    /playground/threads/:thread/conversation   -> the file for `npx replyhook check --conversation`
 *   GET    /playground/events                  the stream of PageEvents
 *
 * Errors are { error: a sentence for the person } with a 4xx or 5xx.
 */

/**
 * With `--to`, the requests of the real main app are a thread of this id. It has messages, exchanges and a conversation as the others
 * have, and nothing can be sent in it.
 */
export const MAIN_APP = "main-app";

export interface State {
  /** Where the reply is written, with `npm run dev`; else empty. */
  readonly replyFile: string;
  readonly apps: readonly AppView[];
  /** With `--to`: what to paste in the main app's dashboard, and the webhook to which it is passed on. */
  readonly mainApp: { readonly paste: string; readonly to: string } | null;
}

export interface AppView {
  readonly id: string;
  readonly name: string;
  readonly mode: "webhook" | "simulator";
  readonly webhookUrl: string;
  /** The secret itself only comes when it is asked for. */
  readonly hasSecret: boolean;
}

export interface AppFields {
  readonly name?: string;
  readonly mode?: AppView["mode"];
  readonly webhookUrl?: string;
  /** Empty: unsigned. */
  readonly secret?: string;
}

export interface ThreadView {
  readonly id: string;
  readonly appId: string;
  readonly title: string | null;
  readonly updatedAt: number;
  /** The start of the first message of the user: it stays the same, so that one finds the thread again. */
  readonly preview: string;
}

export interface MessageView {
  readonly id: string;
  readonly seq: number;
  readonly role: "user" | "assistant";
  readonly content: string;
  /** `content_json.source`: system, webhook, dashboard_agent; empty for a user. */
  readonly source: string;
  readonly createdAt: number;
}

/** Ways to send the next message wrongly, to see what the webhook makes of it. */
export const BREAKS = {
  "wrong-secret": "Wrong secret",
  "no-signature": "No signature headers",
  stale: "Timestamp of an hour ago",
  "changed-body": "Another body than was signed",
  twice: "The same signed request twice",
  "non-ascii": "Text of many languages",
  huge: "A text of 900 kB",
  "hang-up": "Hang up in the middle",
} as const;
export type Break = keyof typeof BREAKS;

export interface Sending {
  readonly text: string;
  /** The chat of the dashboard uses the stream; `run` is the other caller. Default: stream. */
  readonly route?: "stream" | "run";
  readonly break?: Break;
}

/** One request to the webhook and what came of it. */
export interface ExchangeView {
  readonly id: string;
  /** `passed`: by the real main app, through its stream or `/run`. Nobody can tell which. */
  readonly route: "run" | "stream" | "test" | "passed";
  readonly appId: string;
  readonly threadId: string;
  /** The user's message that it answers. */
  readonly messageId: string | null;
  readonly at: number;
  readonly url: string;
  readonly break?: Break;
  readonly state: "running" | "ended";
  readonly status: number | null;
  /** How long it took; null as long as it runs. */
  readonly ms: number | null;
  /** The text that a stream has shown so far, or the reply. */
  readonly text: string;
  readonly verdict: Verdict | null;
}

/** What happened, for a person. */
export interface Verdict {
  readonly kind: "stored" | "shown and forgotten" | "failed";
  /** One sentence: what happened, and why. */
  readonly what: string;
  /** One sentence: what the person in the main app's chat would have seen. */
  readonly realChat: string;
  /** With a break: whether the webhook did what it should. */
  readonly expected?: { readonly what: string; readonly held: boolean };
}

export interface ExchangeDetails extends ExchangeView {
  readonly request: {
    readonly head: string;
    readonly body: string;
    /** Shell commands that sign it again and send it. The secret is not in them. */
    readonly curl: string;
  };
  readonly signature: SignatureView | null;
  /** Of a request of the real main app. */
  readonly verification: Verification | null;
  readonly response: {
    readonly head: string;
    readonly body: string;
    readonly bodyCut: boolean;
    readonly problem: { readonly title: string; readonly detail: string; readonly code: string } | null;
    readonly failure: string | null;
  } | null;
  readonly reads: readonly ReadView[];
  /** Findings about the stream, such as an event that was split. */
  readonly warnings: readonly string[];
  readonly timing: {
    readonly firstByteMs: number | null;
    readonly longestSilenceMs: number;
    readonly totalMs: number;
    /** The silence after which the main app gives up. */
    readonly limitMs: number | null;
  };
}

export interface SignatureView {
  readonly timestamp: string;
  /** The exact signed bytes, as text: the timestamp, a dot, and the body in the form that was signed. */
  readonly signed: string;
  /** raw: the body as it is sent. escaped: with \uXXXX for every UTF-16 unit outside 0x20..0x7e. compact: that, without white space. */
  readonly form: "raw" | "escaped" | "compact";
  readonly why: string;
  /** What the signature is with the App's secret. */
  readonly header: string;
  /** What the signature over the raw body would have been. The same as `header` for the raw form. */
  readonly rawHeader: string;
  /** Of a request of the real main app: the header that came. */
  readonly came?: string;
}

/** Whether the signature of the real main app holds with the App's secret, as `npx replyhook explain` finds out. */
export interface Verification {
  /** Null: it was not verified. Why is in `hints`. */
  readonly holds: boolean | null;
  readonly faults: readonly { readonly what: string; readonly fix: string }[];
  readonly hints: readonly string[];
}

/** One read from the network. */
export interface ReadView {
  readonly atMs: number;
  readonly bytes: string;
  /** What the main app's browser makes of it, in a few words. */
  readonly makes: string;
}

export interface CheckView {
  readonly id: string;
  readonly group: string;
  readonly name: string;
  readonly outcome: "pass" | "warn" | "fail" | "skip";
  readonly fix?: string;
  readonly came?: string;
  readonly reason?: string;
}

/** The data of the server-sent events. The event's name is `type`. */
export type PageEvent =
  | { readonly type: "exchange"; readonly exchange: ExchangeView }
  /** A piece of a stream's text. */
  | { readonly type: "text"; readonly exchange: string; readonly text: string }
  | { readonly type: "message"; readonly threadId: string; readonly message: MessageView }
  | { readonly type: "thread"; readonly thread: ThreadView }
  | { readonly type: "app"; readonly app: AppView }
  /** An App or a thread was deleted. */
  | { readonly type: "deleted"; readonly id: string }
  | { readonly type: "check"; readonly index: number; readonly count: number; readonly check: CheckView }
  | { readonly type: "checked"; readonly passed: boolean; readonly summary: string };
