import {
  broken,
  chunk,
  DONE,
  event,
  FIRST,
  HELLO,
  type ModelCase,
  none,
  SECOND,
  STOP,
  stream,
  WHOLE,
  whole,
} from "./model-case.ts";

/** Answers in a stream, as providers were seen to give them. */
export const ANSWERS: Readonly<Record<string, ModelCase>> = {
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
  "only a line break and thinking in tags, cut off": none(
    /only thought, and gave no answer \(finish reason: length\)/,
    stream(chunk({ content: "\n<think>Hm" }), chunk({}, "length"), DONE),
  ),
  "a tag that is only mentioned": {
    answers: [stream(chunk({ content: "Write <think> to" }), chunk({ content: " think, 1 <" }), STOP, DONE)],
    shows: "Write <think> to think, 1 <",
  },
};
