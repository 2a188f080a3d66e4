import type { ModelAnswer, ModelRequest } from "./model-stand-in.ts";

/** A chunk of a streamed answer. */
export function chunk(delta: object, finish_reason: string | null = null): string {
  const choice = { index: 0, delta, finish_reason };
  return event({ id: "x", object: "chat.completion.chunk", created: 1, model: "m", choices: [choice] });
}
export const event = (data: object) => `data: ${JSON.stringify(data)}\n\n`;
export const DONE = "data: [DONE]\n\n";
export const STOP = chunk({}, "stop");
const FIRST = chunk({ content: "Bonjour" });
const SECOND = chunk({ content: " é 😀" });
export const HELLO = [chunk({ role: "assistant", content: "" }), FIRST, SECOND];
const json = { "content-type": "application/json" };

export const WHOLE = "Bonjour é 😀";

/** What an endpoint answers, what the customer then sees, and what the log then says. `…` stands for the fallback text. */
export interface ModelCase {
  /** The answers to the first request, the second … The last one is repeated. */
  readonly answers: readonly ModelAnswer[];
  readonly shows: string;
  readonly logs?: RegExp;
  /** How many requests the endpoint gets. 1 if not given. */
  readonly requests?: number;
  /** Whether it is about connections, and so tested in workerd too. */
  readonly isAboutSockets?: boolean;
}

const stream = (...pieces: string[]): ModelAnswer => ({ pieces });
const whole = (...pieces: string[]): ModelCase => ({ answers: [stream(...pieces)], shows: WHOLE });
const broken = (logs: RegExp, ...pieces: string[]): ModelCase => ({
  answers: [stream(...pieces)],
  shows: `${WHOLE}\n\n…`,
  logs,
});
const none = (logs: RegExp, answer: ModelAnswer, more: Partial<ModelCase> = {}): ModelCase => ({
  answers: [answer],
  shows: "…",
  logs,
  ...more,
});

export const MODEL_CASES: Readonly<Record<string, ModelCase>> = {
  "a plain answer": { ...whole(...HELLO, STOP, DONE), isAboutSockets: true },
  "a slow first token": { answers: [{ pieces: [...HELLO, STOP, DONE], delayMs: 400 }], shows: WHOLE },
  "the whole answer in one write": whole([...HELLO, STOP, DONE].join("")),
  "line ends of Windows": whole(...[...HELLO, STOP, DONE].map((piece) => piece.replaceAll("\n", "\r\n"))),
  "a last event without an empty line": whole(...HELLO, STOP.trimEnd()),

  "after the end: a chunk without choices": whole(...HELLO, STOP, event({ id: "x" }), DONE),
  "after the end: choices null": whole(...HELLO, STOP, event({ choices: null }), DONE),
  "after the end: a warning": whole(...HELLO, STOP, event({ warning: "soon deprecated" }), DONE),
  "after the end: usage and cost": whole(...HELLO, STOP, event({ choices: [], usage: { total_tokens: 9 }, cost: 0.1 }), DONE),
  "after the end: an error": whole(...HELLO, STOP, event({ error: { message: "too late" } }), DONE),
  "after the end: no JSON": whole(...HELLO, STOP, "data: bye\n\n", DONE),
  "after [DONE]: more text": whole(...HELLO, STOP, DONE, chunk({ content: "more" }), "data: {\n\n"),
  "the connection breaks after the end": {
    answers: [{ pieces: [...HELLO, STOP], ending: "break off" }],
    shows: WHOLE,
    isAboutSockets: true,
  },

  "a first chunk with choices null": whole(event({ choices: null }), ...HELLO, STOP, DONE),
  "a middle chunk with choices null": whole(FIRST, event({ choices: null }), SECOND, STOP, DONE),
  "a chunk that is null": whole("data: null\n\n", ...HELLO, STOP, DONE),
  "event: ping with JSON": whole('event: ping\ndata: {"type":"ping"}\n\n', ...HELLO, STOP, DONE),
  "event: ping with text": whole("event: ping\ndata: ping\n\n", ...HELLO, STOP, DONE),
  "event: message with each chunk": whole(...[...HELLO, STOP, DONE].map((piece) => `event: message\n${piece}`)),
  "an empty data: and comments as keep-alive": whole("data:\n\n", ": wait\n\n", FIRST, "data: \n\n", SECOND, STOP, DONE),
  "content that is a number": {
    answers: [stream(chunk({ content: "It is " }), chunk({ content: 42 }), STOP, DONE)],
    shows: "It is 42",
  },
  "content that is null at the end": whole(...HELLO, chunk({ content: null }, "stop"), DONE),
  "content as a list of parts": whole(
    chunk({ content: [{ type: "reasoning", text: "Hm." }, null] }),
    chunk({ content: ["Bon", "jour"].map((text) => ({ type: "text", text })) }),
    SECOND,
    STOP,
    DONE,
  ),
  "role: model": whole(chunk({ role: "model", content: "Bonjour" }), SECOND, STOP, DONE),
  "an empty finish reason in each chunk": whole(
    ...HELLO.map((piece) => piece.replace('"finish_reason":null', '"finish_reason":""')),
    STOP,
    DONE,
  ),
  "a finish reason of the provider's own": whole(...HELLO, chunk({}, "eos_token"), DONE),
  "the most tokens are reached": whole(...HELLO, chunk({}, "length"), DONE),
  "text after the finish reason": whole(FIRST, chunk({}, "stop"), SECOND, DONE),

  "the connection stays open after [DONE]": {
    answers: [{ pieces: [...HELLO, STOP, DONE], ending: "stay open" }],
    shows: WHOLE,
    isAboutSockets: true,
  },
  "the connection stays open after the finish reason": {
    answers: [{ pieces: [...HELLO, STOP], ending: "stay open" }],
    shows: WHOLE,
    isAboutSockets: true,
  },
  "keep-alives go on after the finish reason": {
    answers: [{ pieces: [...HELLO, STOP], keepAlive: "event: ping\ndata: {}\n\n", ending: "stay open" }],
    shows: WHOLE,
    isAboutSockets: true,
  },
  "the finish reason goes on as a keep-alive": {
    answers: [{ pieces: [...HELLO, STOP], keepAlive: STOP, ending: "stay open" }],
    shows: WHOLE,
  },
  "a finish reason with every chunk": whole(
    ...HELLO.map((piece) => piece.replace('"finish_reason":null', '"finish_reason":"stop"')),
  ),
  "the finish reason null as a text": whole(
    ...HELLO.map((piece) => piece.replace('"finish_reason":null', '"finish_reason":"null"')),
    STOP,
  ),
  "[DONE] with a space": whole(...HELLO, "data: [DONE] \n\n"),
  "[DONE] without a finish reason": whole(...HELLO, DONE),
  "neither [DONE] nor a finish reason": broken(/broke off: no finish reason came/, ...HELLO),
  "only null as a text for a finish reason": broken(/broke off: no finish reason came/, ...HELLO, chunk({}, "null")),
  "the connection breaks in the middle": {
    answers: [{ pieces: HELLO, ending: "break off" }],
    shows: `${WHOLE}\n\n…`,
    logs: /reply_failed/,
    isAboutSockets: true,
  },
  "a chunk that is no JSON": broken(
    /has data that is no JSON/,
    ...HELLO,
    'data: {"choices":[{"delta":{"content":"my secret card"\n\n',
  ),
  "an error in the stream": broken(
    /refused in its stream: overloaded too busy/,
    ...HELLO,
    event({ error: { code: "overloaded", message: "too busy" } }),
  ),
  "an error as text in the stream": broken(/refused in its stream: too busy/, ...HELLO, event({ error: "too busy" })),
  "event: error in the stream": broken(
    /refused in its stream: overloaded/,
    ...HELLO,
    'event: error\ndata: {"type":"overloaded"}\n\n',
    DONE,
  ),
  "a list with an error in the stream": broken(
    /refused in its stream: too busy/,
    ...HELLO,
    'data: [{"error":"too busy"}]\n\n',
    DONE,
  ),
  "an object that says error in the stream": broken(
    /refused in its stream: too busy/,
    ...HELLO,
    event({ object: "error", message: "too busy" }),
    DONE,
  ),
  "cut by a content filter": broken(/broke off \(finish reason: content_filter\)/, ...HELLO, chunk({}, "content_filter"), DONE),

  "only thoughts, then stop": none(
    /only thought, and gave no answer \(finish reason: stop\)/,
    stream(chunk({ reasoning_content: "Hm." }), STOP, DONE),
  ),
  "only thoughts, then length": none(
    /only thought, and gave no answer \(finish reason: length\)/,
    stream(chunk({ reasoning: "Hm." }), chunk({}, "length"), DONE),
  ),
  "no text at all": none(
    /the model gave no answer \(finish reason: stop\)/,
    stream(chunk({ role: "assistant", content: "", reasoning_content: "", reasoning: null }), STOP, DONE),
  ),
  "nothing but [DONE]": none(/the model gave no answer \(finish reason: none\)/, stream(DONE)),
  "only white space": none(/gave no answer/, stream(chunk({ content: " \n" }), STOP, DONE)),
  "a refusal": {
    answers: [stream(chunk({ refusal: "I cannot " }), chunk({ refusal: "help with that." }), STOP, DONE)],
    shows: "I cannot help with that.",
  },

  "thinking in tags": whole(chunk({ content: "<think>Hm, café.</think>\n\nBonjour" }), SECOND, STOP, DONE),
  "thinking in tags that are cut": whole(
    ...["<th", "ink>", "Hm</", "think", ">\n", "\nBonjour"].map((content) => chunk({ content })),
    SECOND,
    STOP,
    DONE,
  ),
  "only thinking in tags, cut off": none(
    /only thought, and gave no answer \(finish reason: length\)/,
    stream(chunk({ content: "<think>Hm" }), chunk({}, "length"), DONE),
  ),
  "a tag that is only mentioned": {
    answers: [stream(chunk({ content: "Write <think> to" }), chunk({ content: " think, 1 <" }), STOP, DONE)],
    shows: "Write <think> to think, 1 <",
  },

  "a whole answer as JSON": {
    answers: [
      { headers: json, pieces: [JSON.stringify({ choices: [{ message: { content: WHOLE }, finish_reason: "stop" }] })] },
    ],
    shows: WHOLE,
  },
  "a page": none(/refused without an answer: no JSON: is LLM_BASE_URL the address of an API\?/, {
    headers: { "content-type": "text/html" },
    pieces: ["<!doctype html>"],
  }),
  "an error as JSON with status 200": none(/refused without an answer: no such model/, {
    headers: json,
    pieces: ['{"error":"no such model"}'],
  }),
  "400 with an error": none(/refused with 400: bad_model invalid_request \(its words may quote the conversation\)/, {
    status: 400,
    headers: json,
    pieces: ['{"error":{"code":"bad_model","type":"invalid_request","message":"no such model"}}'],
  }),
  "404 with details": none(/refused with 404: no such model/, {
    status: 404,
    headers: json,
    pieces: ['{"detail":"no such model"}'],
  }),
  "401 with plain text": none(/refused with 401: no such key$/m, {
    status: 401,
    headers: { "content-type": "text/plain" },
    pieces: ["no such key\n"],
  }),
  "500 with a list": none(
    /refused with 500: too busy/,
    { status: 500, headers: json, pieces: ['[{"error":{"message":"too busy"}}]'] },
    { requests: 2 },
  ),
  "204 without a body": none(/refused without an answer/, { status: 204 }),
  "404 with a text": none(/refused with 404: no such page/, {
    status: 404,
    headers: json,
    pieces: ['{"error":"no such page"}'],
  }),
  "404 with a page": none(/refused with 404: no reason given/, { status: 404, pieces: ["\n<h1>404</h1>"] }),
  "404 with more than 1 MiB": none(/refused with 404: no reason given/, { status: 404, pieces: ["x".repeat(1_048_577)] }),
  "429, and asked to wait longer than there is time": none(
    /refused with 429: too many/,
    { status: 429, headers: { ...json, "retry-after": "600" }, pieces: ['{"error":{"message":"too many"}}'] },
    { isAboutSockets: true },
  ),
  "429, and asked to wait longer, as a date": none(/refused with 429/, {
    status: 429,
    headers: { ...json, "retry-after": "Fri, 31 Dec 2100 23:59:59 GMT" },
  }),
  "429 twice": none(/refused with 429/, { status: 429, headers: { ...json, "retry-after": "0" } }, { requests: 2 }),
  "429, then an answer": {
    answers: [{ status: 429, headers: { "retry-after": "0" } }, stream(...HELLO, STOP, DONE)],
    shows: WHOLE,
    requests: 2,
    isAboutSockets: true,
  },
  "429 until a date in the past, then an answer": {
    answers: [{ status: 429, headers: { "retry-after": "Fri, 31 Dec 1999 23:59:59 GMT" } }, stream(...HELLO, STOP, DONE)],
    shows: WHOLE,
    requests: 2,
  },
  "408, then an answer": { answers: [{ status: 408 }, stream(...HELLO, STOP, DONE)], shows: WHOLE, requests: 2 },
  "503, then an answer": { answers: [{ status: 503 }, stream(...HELLO, STOP, DONE)], shows: WHOLE, requests: 2 },
  "a connection that breaks, then an answer": {
    answers: [{ pieces: [], ending: "break off", status: 500 }, stream(...HELLO, STOP, DONE)],
    shows: WHOLE,
    requests: 2,
  },
  "no answer, then an answer": { answers: [{ ending: "no answer" }, stream(...HELLO, STOP, DONE)], shows: WHOLE, requests: 2 },
  "no answer twice": none(/reply_failed TypeError: fetch failed/, { ending: "no answer" }, { requests: 2 }),
  "a redirect": none(
    /refused with 307/,
    { status: 307, headers: { location: "http://127.0.0.1:1/v1/chat/completions" } },
    { isAboutSockets: true },
  ),
};

export const casesForServers = Object.entries(MODEL_CASES).filter(([, { isAboutSockets }]) => isAboutSockets);

/** Answers each request as the case says that its last message, `model: NAME`, names. */
export function caseFor(): (request: ModelRequest) => ModelAnswer {
  const counts = new Map<string, number>();
  return ({ body }) => {
    const name = body.messages.at(-1)?.content?.replace("model: ", "") ?? "";
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    const { answers } = MODEL_CASES[name] as ModelCase;
    return answers[Math.min(count, answers.length - 1)] as ModelAnswer;
  };
}
