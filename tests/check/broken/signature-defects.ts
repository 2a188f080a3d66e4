import { type Behaviour, correct, type Refusal } from "./base.ts";
import type { Defect } from "./defect.ts";

const acceptsWithout = (...names: string[]): Partial<Behaviour> => ({
  verify(request, body) {
    return names.every((name) => !request.headers[name]) ? undefined : correct.verify.call(this, request, body);
  },
});

/** Reads a timestamp as some language would. */
const readsTimestamp = (read: (text: string) => number): Partial<Behaviour> => ({
  timestampOk(timestamp): Refusal | undefined {
    return Math.abs(Date.now() / 1000 - read(timestamp)) > 301 ? [401, "timestamp_outside_tolerance"] : undefined;
  },
});

export const signatureDefects: readonly Defect[] = [
  { caughtBy: "S01", mistake: "fails open without headers", changes: acceptsWithout("x-signature", "x-timestamp") },
  { caughtBy: "S02", mistake: "fails open without X-Signature", changes: acceptsWithout("x-signature") },
  { caughtBy: "S03", mistake: "fails open without X-Timestamp", changes: acceptsWithout("x-timestamp") },
  { caughtBy: "S04", mistake: "never compares the signature", changes: { matches: () => true } },
  {
    caughtBy: "S05",
    mistake: "verifies only the first 300 bytes",
    changes: { forms: (body) => [body.subarray(0, 300)], matches: () => true },
  },
  {
    caughtBy: "S06",
    mistake: "searches a timestamp that matches",
    changes: {
      matches: () => false,
      forms: (body) => [body],
      verify(request, body) {
        const digits = String(request.headers["x-signature"]).slice("sha256=".length);
        const time = Number(request.headers["x-timestamp"]);
        for (let t = time - 30; t <= time + 30; t++) {
          if (correct.matches.call(this, digits, this.digest(String(t), body))) return undefined;
        }
        return [401, "signature_mismatch"];
      },
    },
  },
  {
    caughtBy: "S07",
    mistake: "accepts any age",
    changes: { timestampOk: (timestamp) => (Number(timestamp) > Date.now() / 1000 + 300 ? [401, "timestamp"] : undefined) },
  },
  {
    caughtBy: "S08",
    mistake: "accepts any future",
    changes: { timestampOk: (timestamp) => (Number(timestamp) < Date.now() / 1000 - 301 ? [401, "timestamp"] : undefined) },
  },
  { caughtBy: "S09", mistake: "allows 60 s", changes: { toleranceSeconds: 60 } },
  {
    caughtBy: "S10",
    mistake: "compares only the digits that were sent",
    changes: {
      signatureDigits: (value) => /^sha256=(\w*)$/.exec(value)?.[1],
      matches: (digits, expected) => expected.toString("hex").startsWith(digits.slice(0, 64)),
    },
  },
  {
    caughtBy: "S10",
    mistake: "does not look at the prefix",
    changes: { signatureDigits: (value) => /([0-9a-f]{64})$/.exec(value)?.[1] },
  },
  {
    caughtBy: "S10",
    mistake: "answers 500 to a signature of another length",
    changes: { signatureDigits: (value) => value.replace("sha256=", "") },
  },
  { caughtBy: "S11", mistake: "compares with NaN", changes: readsTimestamp(Number) },
  {
    caughtBy: "S11",
    mistake: "accepts milliseconds",
    changes: readsTimestamp((time) =>
      /^\d{13}$/.test(time) ? Number(time) / 1000 : Number(/^\d{1,12}$/.exec(time)?.[0] ?? 0),
    ),
  },
  {
    caughtBy: "S11",
    mistake: "reads only the digits at the start",
    changes: readsTimestamp((time) => Number.parseInt(time, 10)),
  },
  {
    caughtBy: "S12",
    mistake: "accepts the first of several signatures",
    changes: { header: (request, name) => String(request.headersDistinct[name]?.[0] ?? "").split(",")[0] },
  },
  {
    caughtBy: "S12",
    mistake: "accepts any of several signatures",
    changes: {
      header: (request, name) => request.headersDistinct[name]?.join(","),
      signatureDigits: (value) => value,
      matches: (values, expected) => values.split(/, */).includes(`sha256=${expected.toString("hex")}`),
    },
  },
  {
    caughtBy: "S13",
    mistake: "shows the expected signature",
    changes: {
      verify(request, body) {
        const refusal = correct.verify.call(this, request, body);
        return (
          refusal && [401, `signature should be ${this.digest(String(request.headers["x-timestamp"]), body).toString("hex")}`]
        );
      },
    },
  },
  {
    caughtBy: "S13",
    mistake: "shows its secret",
    changes: {
      refuse(answer, [status, code]) {
        answer.writeHead(status, { "x-debug": `${code} ${this.secret}` }).end("signature");
      },
    },
  },
  {
    caughtBy: "S14",
    mistake: "accepts an empty key",
    changes: {
      verify(request, body) {
        return (
          correct.verify.call(this, request, body) &&
          correct.verify.call({ ...this, secret: " ", digest: withEmptyKey }, request, body)
        );
      },
    },
  },
  {
    caughtBy: "S14",
    mistake: "verifies a body that was already read",
    changes: { forms: (body) => [...correct.forms.call(correct, body), Buffer.alloc(0)] },
  },
  { caughtBy: "S15", mistake: "answers 403", changes: refuseWith((status) => (status === 401 ? 403 : status)) },
  {
    caughtBy: "S15",
    mistake: "does not say why",
    changes: {
      refuse(answer, [status]) {
        answer.writeHead(status).end();
      },
    },
  },
  {
    caughtBy: "S16",
    mistake: "compares hex digits as strings",
    changes: {
      matches: (digits, expected) => digits === expected.toString("hex"),
    },
  },
];

function withEmptyKey(this: Behaviour, timestamp: string, body: Buffer): Buffer {
  return correct.digest.call({ ...this, secret: "" }, timestamp, body);
}

function refuseWith(change: (status: number) => number): Partial<Behaviour> {
  return {
    refuse(answer, [status, code], request) {
      correct.refuse.call(this, answer, [change(status), code], request);
    },
  };
}
