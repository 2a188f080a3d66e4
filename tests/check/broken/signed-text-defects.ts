import { createHmac } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { type Behaviour, correct, type Payload } from "./base.ts";
import type { Defect } from "./defect.ts";

interface Received {
  readonly request: IncomingMessage;
  readonly timestamp: string;
  readonly body: Buffer;
  readonly payload: Payload & { timestamp?: string };
}
type SignedText = string | Buffer;

/** Accepts a signature over one of these texts, too. */
const alsoSigned = (texts: (received: Received) => SignedText[], { needsTimestamp = true } = {}): Partial<Behaviour> => ({
  verify(request, body) {
    const refusal = correct.verify.call(this, request, body);
    const timestamp = String(request.headers["x-timestamp"] ?? "");
    const digits = this.signatureDigits(String(request.headers["x-signature"]));
    if (!refusal || !digits || (timestamp ? this.timestampOk(timestamp) : needsTimestamp)) return refusal;
    const candidates = texts({ request, timestamp, body, payload: parsed(body) });
    const known = candidates.some((text) => this.matches(digits, createHmac("sha256", this.secret).update(text).digest()));
    return known ? undefined : refusal;
  },
});

/** The same for a request without X-Timestamp. */
const withoutTimestamp = (texts: (received: Received) => SignedText[]) => alsoSigned(texts, { needsTimestamp: false });

function parsed(body: Buffer): Received["payload"] {
  try {
    return JSON.parse(body.toString());
  } catch {
    return {} as Received["payload"];
  }
}

const join = (timestamp: string | number, body: SignedText) => Buffer.concat([Buffer.from(`${timestamp}.`), Buffer.from(body)]);
const seconds = (time: string | undefined) => Math.floor(Date.parse(time ?? "") / 1000);

const now = () => Math.floor(Date.now() / 1000);

/** Compares the clock with what `read` makes of the timestamp. */
const readsTime = (read: (time: number) => number): Partial<Behaviour> => ({
  timestampOk(timestamp) {
    const digits = /^[0-9]{1,12}$/.test(timestamp);
    return correct.timestampOk.call(this, digits ? String(read(Number(timestamp))) : timestamp);
  },
});

export const signedTextDefects: readonly Defect[] = [
  { caughtBy: "S20", mistake: "accepts a signature over the body alone", changes: alsoSigned(({ body }) => [body]) },
  {
    caughtBy: "S20",
    mistake: "accepts a signature over the body's own timestamp",
    changes: alsoSigned(({ payload, body }) => [join(payload.timestamp ?? "", body)]),
  },
  {
    caughtBy: "S20",
    mistake: "accepts a signature over the body's own timestamp in seconds",
    changes: alsoSigned(({ payload, body }) => [join(seconds(payload.timestamp), body)]),
  },
  {
    caughtBy: "S20",
    mistake: "reads the body's timestamp if there is no X-Timestamp",
    changes: withoutTimestamp(({ payload, body }) => [join(payload.timestamp ?? "", body)]),
  },
  {
    caughtBy: "S20",
    mistake: "reads the body's timestamp in seconds if there is no X-Timestamp",
    changes: withoutTimestamp(({ payload, body }) => [join(seconds(payload.timestamp), body)]),
  },
  {
    caughtBy: "S20",
    mistake: "reads another timestamp header",
    changes: withoutTimestamp(({ request, body }) => [join(String(request.headers["x-request-timestamp"]), body)]),
  },
  {
    caughtBy: "S20",
    mistake: "reads the timestamp in the query",
    changes: withoutTimestamp(({ request, body }) => [
      join(new URL(`http://x${request.url}`).searchParams.get("timestamp") ?? "", body),
    ]),
  },
  {
    caughtBy: "S20",
    mistake: "rounds the timestamp to minutes",
    changes: alsoSigned(({ timestamp, body }) => [join(Math.floor(Number(timestamp) / 60) * 60, body)]),
  },
  {
    caughtBy: "S20",
    mistake: "rounds the timestamp to ten seconds",
    changes: alsoSigned(({ timestamp, body }) => [join(Math.round(Number(timestamp) / 10) * 10, body)]),
  },
  {
    caughtBy: "S20",
    mistake: "tries the second before",
    changes: alsoSigned(({ timestamp, body }) => [join(Number(timestamp) - 1, body)]),
  },
  {
    caughtBy: "S20",
    mistake: "tries the second after",
    changes: alsoSigned(({ timestamp, body }) => [join(Number(timestamp) + 1, body)]),
  },
  {
    caughtBy: "S21",
    mistake: "accepts a signature without the dot",
    changes: alsoSigned(({ timestamp, body }) => [Buffer.concat([Buffer.from(timestamp), body])]),
  },
  {
    caughtBy: "S21",
    mistake: "accepts the join of another platform",
    changes: alsoSigned(({ timestamp, body }) => [`v0:${timestamp}:${body}`]),
  },
  {
    caughtBy: "S21",
    mistake: "reads the timestamp as a number",
    changes: alsoSigned(({ timestamp, body }) => [join(Number(timestamp), body)]),
  },
  {
    caughtBy: "S21",
    mistake: "accepts a signature over milliseconds",
    changes: alsoSigned(({ timestamp, body }) => [join(Number(timestamp) * 1000, body)]),
  },
  {
    caughtBy: "S21",
    mistake: "takes the hash that the sender names",
    changes: {
      verify(request, body) {
        const [, hash, digits] = /^(sha\d+)=([0-9a-f]+)$/.exec(String(request.headers["x-signature"])) ?? [];
        if (!hash || hash === "sha256") return correct.verify.call(this, request, body);
        const digest = createHmac(hash, this.secret)
          .update(join(String(request.headers["x-timestamp"]), body))
          .digest("hex");
        return digest === digits ? undefined : [401, "signature_mismatch"];
      },
    },
  },
  {
    caughtBy: "S22",
    mistake: "accepts a signature over the first 256 bytes",
    changes: alsoSigned(({ timestamp, body }) => [join(timestamp, body.subarray(0, 256))]),
  },
  {
    caughtBy: "S22",
    mistake: "accepts a signature over the first 1024 bytes",
    changes: alsoSigned(({ timestamp, body }) => [join(timestamp, body.subarray(0, 1024))]),
  },
  {
    caughtBy: "S22",
    mistake: "accepts a signature over the first 64 KiB",
    changes: alsoSigned(({ timestamp, body }) => [join(timestamp, body.subarray(0, 65_536))]),
  },
  {
    caughtBy: "S22",
    mistake: "accepts a signature over half of Content-Length",
    changes: alsoSigned(({ timestamp, request, body }) => [
      join(timestamp, body.subarray(0, Number(request.headers["content-length"]) / 2)),
    ]),
  },
  {
    caughtBy: "S22",
    mistake: "accepts a signature over the first line",
    changes: alsoSigned(({ timestamp, body }) => [join(timestamp, body.toString().split("\n")[0] ?? "")]),
  },
  {
    caughtBy: "S22",
    mistake: "accepts a signature over the text alone",
    changes: alsoSigned(({ timestamp, payload }) => [join(timestamp, payload.message?.content ?? "")]),
  },
  {
    caughtBy: "S22",
    mistake: "accepts a signature over the message alone",
    changes: alsoSigned(({ timestamp, payload }) => [join(timestamp, JSON.stringify(payload.message) ?? "")]),
  },
  {
    caughtBy: "S22",
    mistake: "accepts a signature over a parsed body",
    changes: alsoSigned(({ timestamp, payload }) => [`${timestamp}.${payload}`]),
  },
  {
    caughtBy: "S22",
    mistake: "accepts a signature over the timestamp alone",
    changes: alsoSigned(({ timestamp }) => [timestamp]),
  },
  { caughtBy: "S07", mistake: "takes the timestamp 0 for none", changes: readsTime((time) => (time === 0 ? now() : time)) },
  {
    caughtBy: "S07",
    mistake: "looks at the minute of the hour only",
    changes: readsTime((time) => time + 3600 * Math.round((now() - time) / 3600)),
  },
  {
    caughtBy: "S07",
    mistake: "looks at the time of day only",
    changes: readsTime((time) => time + 86_400 * Math.round((now() - time) / 86_400)),
  },
  { caughtBy: "S08", mistake: "keeps 32 bits of the timestamp", changes: readsTime((time) => time | 0) },
];
