import { chunk, chunkedHead, type EvilAnswer, LAST_CHUNK, whole } from "./server.ts";

/** It contains characters that each form must escape. */
export const QUOTED_SECRET = 'Kq7/zP+3 é"mW9&x\\T2v😀b';
export const PASSWORD = "fD4tYh8Rw2";

const bytes = Buffer.from(QUOTED_SECRET);
const json = JSON.stringify(QUOTED_SECRET).slice(1, -1);
const units = Array.from({ length: QUOTED_SECRET.length }, (_, i) => QUOTED_SECRET.charCodeAt(i));
const base64 = (before: string, after: string) => Buffer.from(`${before}${QUOTED_SECRET}${after}`).toString("base64");

/** The forms in which a webhook may write the secret. */
export const forms: readonly string[] = [
  QUOTED_SECRET,
  json,
  JSON.stringify(json).slice(1, -1),
  json.replaceAll("/", "\\/"),
  units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join(""),
  units.map((unit) => `\\u${unit.toString(16).padStart(4, "0").toUpperCase()}`).join(""),
  encodeURIComponent(QUOTED_SECRET),
  encodeURIComponent(QUOTED_SECRET).replaceAll("%20", "+"),
  encodeURIComponent(QUOTED_SECRET).replace(/%../g, (byte) => byte.toLowerCase()),
  [...bytes].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join(""),
  bytes.toString("hex"),
  bytes.toString("hex").toUpperCase(),
  bytes.toString("base64"),
  bytes.toString("base64url"),
  base64("x", "yz"),
  base64("xy", "z"),
  base64("app:", ":more"),
  encodeURIComponent(base64("k", "")),
  base64("", "").replaceAll("/", "\\/"),
];

/** A text with a form of the secret around the place where a quote is cut. */
function around(before: number): string {
  const form = forms[before % forms.length] as string;
  return `${"x ".repeat(105 + ((before * 11) % 45))}${form} and ${form}`;
}

export interface SecretAnswer {
  readonly place: string;
  readonly answer: EvilAnswer;
}

/** Every place where a webhook can quote its secret. */
export const secretAnswers: readonly SecretAnswer[] = [
  { place: "a reply", answer: (socket, { before }) => socket.write(whole(JSON.stringify({ reply: around(before) }))) },
  { place: "an error", answer: (socket, { before }) => socket.write(whole(around(before), "text/plain", "500 Error")) },
  { place: "a refusal", answer: (socket, { before }) => socket.write(whole(around(before), "text/plain", "401 No")) },
  {
    place: "headers",
    answer: (socket) => {
      const fields = [
        `Cache-Control: ${QUOTED_SECRET}`,
        `X-Secret: ${json}`,
        `Location: /?${encodeURIComponent(QUOTED_SECRET)}`,
      ];
      socket.write(whole("no", `text/html; ${json}`, `302 ${QUOTED_SECRET}`, fields));
    },
  },
  {
    place: "a stream",
    answer: (socket, { path, before }) => {
      if (path !== "/stream") return socket.write(whole(JSON.stringify({ reply: around(before) })));
      const events = [
        `event: ${forms[before % forms.length]}\ndata: {}\n\n`,
        `event: delta\ndata: ${JSON.stringify({ text: around(before) })}\n\n: ${QUOTED_SECRET}\n\n`,
        `event: error\ndata: ${around(before)}\n\n`,
      ];
      return socket.write(
        Buffer.concat([Buffer.from(chunkedHead("text/event-stream")), ...events.map(chunk), Buffer.from(LAST_CHUNK)]),
      );
    },
  },
  {
    place: "two pieces of a stream",
    answer: (socket, { path, before }) => {
      if (path !== "/stream") return socket.write(whole(JSON.stringify({ reply: around(before) })));
      const event = Buffer.from(`event: delta\ndata: {"text":${JSON.stringify(QUOTED_SECRET)}}\n\n`);
      const cut = event.indexOf("W9");
      const parts = [event.subarray(0, cut), event.subarray(cut)].map(chunk);
      return socket.write(Buffer.concat([Buffer.from(chunkedHead("text/event-stream")), ...parts, Buffer.from(LAST_CHUNK)]));
    },
  },
  {
    place: "an echo of its request",
    answer: (socket, { head }) => {
      const [, authorization = ""] = /^Authorization: (.*)$/im.exec(head) ?? [];
      const plain = Buffer.from(authorization.replace("Basic ", ""), "base64").toString();
      socket.write(whole(`${authorization} ${plain} ${QUOTED_SECRET}`, "text/plain", "500 Error"));
    },
  },
];

/** The parts of `secret` that can be read in `output`, in any form. */
export function leakedParts(secret: string, output: string): string[] {
  const characters = [...secret];
  const parts = characters.map((_, i) => characters.slice(i, i + 5).join("")).filter((part) => [...part].length === 5);
  const readings = [...readingsOf(output)];
  return parts.filter((part) => readings.some((reading) => reading.includes(part)));
}

function* readingsOf(output: string): Generator<string> {
  yield output;
  let unescaped = output;
  for (let i = 0; i < 4; i++) {
    unescaped = unescaped.replace(
      /\\(?:u([0-9a-f]{4})|(["\\/]))/gi,
      (_, hex, char) => char ?? String.fromCharCode(Number.parseInt(hex, 16)),
    );
    yield unescaped;
  }
  yield Buffer.from(output, "latin1").toString();
  yield Buffer.from(
    output.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
    "latin1",
  ).toString();
  yield Buffer.from(
    output.replaceAll("+", " ").replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
    "latin1",
  ).toString();
  for (const [run] of output.matchAll(/[0-9a-f]{10,}/gi)) {
    for (const from of [0, 1]) yield Buffer.from(run.slice(from), "hex").toString();
  }
  for (const [run] of output
    .replace(/%2[bf]/gi, "+")
    .replaceAll("\\/", "/")
    .matchAll(/[\w+/-]{8,}/g)) {
    for (const from of [0, 1, 2, 3]) yield Buffer.from(run.slice(from), "base64").toString();
  }
}
