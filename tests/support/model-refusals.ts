import { DONE, HELLO, json, type ModelCase, none, STOP, stream, WHOLE } from "./model-case.ts";

/** Answers that are no stream, and refusals. */
export const REFUSALS: Readonly<Record<string, ModelCase>> = {
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
