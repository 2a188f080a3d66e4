import { createHmac, timingSafeEqual } from "node:crypto";
import { describe, expect, test } from "vitest";
import { MOST_ATTEMPTS, signingAttempts } from "../../local/check/signing-attempts.ts";
import { type Behaviour, correct, SECRET, startWebhook } from "./broken/base.ts";
import { cli } from "./cli.ts";

/** A webhook that expects another signature, and the beginning of each hint. */
interface WrongFormat {
  readonly mistake: string;
  readonly changes: Partial<Behaviour>;
  readonly secret?: string;
  readonly advice: readonly string[];
}

const HEX_SECRET = "00112233445566778899aabbccddeeff";
const bare =
  (pattern: RegExp): Behaviour["signatureDigits"] =>
  (signature) =>
    pattern.exec(signature)?.[0];
const equals = (write: (digest: Buffer) => string): Partial<Behaviour> => ({
  signatureDigits: (signature) => signature,
  matches: (value, expected) => value === write(expected),
});
const hmacOf = (make: (timestamp: string, body: Buffer, secret: string) => Buffer): Partial<Behaviour> => ({
  digest(timestamp, body) {
    return make(timestamp, body, this.secret);
  },
});
const sha256 = (key: string | Buffer, ...parts: (string | Buffer)[]) =>
  parts.reduce((hmac, part) => hmac.update(part), createHmac("sha256", key)).digest();
const inHeader = (other: string): Partial<Behaviour> => ({
  header(request, name) {
    return correct.header.call(this, request, name === "x-signature" ? other : name);
  },
});

const wrongFormats: readonly WrongFormat[] = [
  {
    mistake: "compares bare hex digits",
    changes: { signatureDigits: bare(/^[0-9a-f]{64}$/) },
    advice: ["It compares bare hex digits. X-Signature is sha256= and the digits: remove the prefix"],
  },
  {
    mistake: "compares bare hex digits, and answers 400",
    changes: {
      signatureDigits: bare(/^[0-9a-f]{64}$/),
      refuse: (answer) => void answer.writeHead(400).end("Invalid signature"),
    },
    advice: ["It compares bare hex digits."],
  },
  {
    mistake: "compares base64",
    changes: equals((digest) => `sha256=${digest.toString("base64")}`),
    advice: ["It compares base64."],
  },
  {
    mistake: "compares bare base64",
    changes: equals((digest) => digest.toString("base64")),
    advice: ["It compares bare base64."],
  },
  {
    mistake: "compares upper-case digits",
    changes: equals((digest) => `sha256=${digest.toString("hex").toUpperCase()}`),
    advice: ["It compares upper-case hex digits."],
  },
  {
    mistake: "signs the body alone",
    changes: hmacOf((_, body, secret) => sha256(secret, body)),
    advice: ["The webhook signs the body alone, without the timestamp. The HMAC covers X-Timestamp"],
  },
  {
    mistake: "leaves out the dot",
    changes: hmacOf((timestamp, body, secret) => sha256(secret, timestamp, body)),
    advice: ["The webhook signs the timestamp and the body without a dot"],
  },
  {
    mistake: "signs the timestamp last",
    changes: hmacOf((timestamp, body, secret) => sha256(secret, body, ".", timestamp)),
    advice: ["The webhook signs the body, a dot, and then the timestamp."],
  },
  {
    mistake: "joins with a colon",
    changes: hmacOf((timestamp, body, secret) => sha256(secret, timestamp, ":", body)),
    advice: ["The webhook signs the timestamp and the body with a colon"],
  },
  {
    mistake: "decodes the secret from hex",
    changes: {
      ...hmacOf((timestamp, body, secret) => sha256(Buffer.from(secret, "hex"), timestamp, ".", body)),
      secret: HEX_SECRET,
    },
    secret: HEX_SECRET,
    advice: ["The webhook decodes the secret from hex. The key is the whole secret"],
  },
  {
    mistake: "removes whsec_",
    changes: hmacOf((timestamp, body, secret) => sha256(secret.slice(6), timestamp, ".", body)),
    advice: ["The webhook removes whsec_ from the secret."],
  },
  {
    mistake: "uses SHA-512",
    changes: {
      ...hmacOf((timestamp, body, secret) => createHmac("sha512", secret).update(`${timestamp}.`).update(body).digest()),
      ...equals((digest) => `sha256=${digest.toString("hex")}`),
    },
    advice: ["It uses HMAC-SHA-512."],
  },
  {
    mistake: "uses SHA-1 as GitHub once did",
    changes: {
      ...hmacOf((timestamp, body, secret) => createHmac("sha1", secret).update(`${timestamp}.`).update(body).digest()),
      ...equals((digest) => `sha1=${digest.toString("hex")}`),
    },
    advice: ["It uses HMAC-SHA-1."],
  },
  {
    mistake: "reads milliseconds",
    changes: {
      timestampOk: (time) => (Math.abs(Date.now() - Number(time)) > 300_000 ? [401, "timestamp_outside_tolerance"] : undefined),
    },
    advice: ["It reads X-Timestamp in milliseconds."],
  },
  {
    mistake: "reads X-Hub-Signature-256",
    changes: inHeader("x-hub-signature-256"),
    advice: ["It reads X-Hub-Signature-256. The main app's signature is in X-Signature."],
  },
  {
    mistake: "does as GitHub's webhooks do",
    changes: { ...inHeader("x-hub-signature-256"), ...hmacOf((_, body, secret) => sha256(secret, body)) },
    advice: ["It reads X-Hub-Signature-256.", "The webhook signs the body alone"],
  },
  {
    mistake: "does as Slack's do",
    changes: {
      ...hmacOf((timestamp, body, secret) => sha256(secret, `v0:${timestamp}:`, body)),
      ...equals((digest) => `v0=${digest.toString("hex")}`),
    },
    advice: ["The webhook signs v0, the timestamp and the body", "It wants v0= before the hex digits"],
  },
  {
    mistake: "compares the bare digits of the body alone",
    changes: { signatureDigits: bare(/^[0-9a-f]{64}$/), ...hmacOf((_, body, secret) => sha256(secret, body)) },
    advice: ["The webhook signs the body alone", "It compares bare hex digits."],
  },
  {
    mistake: "lets bare digits pass, whatever they are",
    changes: {
      verify: (request) => (/^sha256=/.test(String(request.headers["x-signature"])) ? [401, "signature_mismatch"] : undefined),
    },
    advice: ["It does not compare every signature", "It compares bare hex digits."],
  },
  {
    mistake: "has the secret without the quotes that are given here",
    changes: {},
    secret: `"${SECRET}"\n`,
    advice: ["The secret given here has quotes around it, and the webhook's secret does not. Paste the secret here again"],
  },
  {
    mistake: "has a line end after its secret",
    changes: { secret: `${SECRET}\n` },
    advice: ["The webhook's secret ends with a line end. Paste the secret on the webhook's side again"],
  },
];

describe("exit code 3, for a webhook that refuses the first signed message", () => {
  test("if the secret is another one", async () => {
    await using webhook = await startWebhook();
    const { code, out, err } = await cli(["check", webhook.url.href, "--secret", "another secret"]);
    expect(code).toBe(3);
    expect(err).toContain("The webhook refused the first signed message.");
    expect(out).toBe("");
  });

  test("with the reason if the webhook answers 500 to a signature in another form", async () => {
    await using webhook = await startWebhook({
      verify(request, body) {
        const [timestamp = ""] = request.headersDistinct["x-timestamp"] ?? [];
        const expected = this.digest(timestamp, body).toString("hex");
        // It throws if the lengths differ.
        timingSafeEqual(Buffer.from(String(request.headers["x-signature"])), Buffer.from(expected));
        return undefined;
      },
    });
    const { code, err } = await cli(["check", webhook.url.href, "--secret", SECRET]);
    expect(code).toBe(3);
    expect(err).toContain("It compares bare hex digits. X-Signature is sha256= and the digits");
  });

  test("with both reasons if the webhook decodes the secret and compares bare hex", async () => {
    const secret = "deadbeefdeadbeefdeadbeef";
    await using webhook = await startWebhook({
      secret,
      signatureDigits: (signature) => /^[0-9a-f]{64}$/.exec(signature)?.[0],
      digest: (timestamp, body) =>
        createHmac("sha256", Buffer.from(secret, "hex")).update(`${timestamp}.`).update(body).digest(),
    });
    const { code, err } = await cli(["check", webhook.url.href, "--secret", secret]);
    expect(code).toBe(3);
    expect(err).toContain("It compares bare hex digits.");
    expect(err).toContain("decodes the secret from hex");
  });

  test("if a secret is needed and none is given", async () => {
    await using webhook = await startWebhook();
    const { code, err } = await cli(["check", webhook.url.href]);
    expect(code).toBe(3);
    expect(err).toContain("--secret, or WEBHOOK_SECRET");
  });

  test.each(wrongFormats)("with what to fix in a webhook that $mistake", async ({ changes, secret = SECRET, advice }) => {
    let requests = 0;
    await using webhook = await startWebhook({
      ...changes,
      first(request, answer) {
        requests++;
        return correct.first.call(this, request, answer);
      },
    });
    const { code, err } = await cli(["check", webhook.url.href, "--secret", secret]);
    const [said, message, ...hints] = err
      .trimEnd()
      .split("\n  ")
      .flatMap((lines) => lines.split("\n"));
    expect([code, message]).toEqual([3, "The webhook refused the first signed message."]);
    const last = hints.findIndex((hint) => hint.startsWith("It said: "));
    expect(hints.slice(0, last).map((hint) => advice.find((start) => hint.startsWith(start)) ?? hint)).toEqual(advice);
    expect(requests).toBeLessThanOrEqual(Number(/At most (\d+)/.exec(said ?? "")?.[1]));
    expect(err).not.toContain(secret);
  });

  test("the attempts to find what to fix are as many as announced", () => {
    for (const secret of [SECRET, ` "whsec_${"ab".repeat(16)}"\n`, `whsec_${"ab".repeat(16)}\n`, "ab".repeat(32)])
      expect(signingAttempts(secret).length).toBeLessThanOrEqual(MOST_ATTEMPTS);
  });

  test("with the hint that most likely the secret is another one, if no way to sign is accepted", async () => {
    await using webhook = await startWebhook();
    const { err } = await cli(["check", webhook.url.href, "--secret", "a wrong one"]);
    expect(err).toContain("so most likely it has another secret");
    expect(err).not.toContain("plain GET");
  });

  test("without a word about other ways to sign, if its limit of requests kept them from being tried", async () => {
    let requests = 0;
    await using webhook = await startWebhook({
      first: (_, answer) => Boolean(++requests > 1 && answer.writeHead(429).end()),
    });
    const { err } = await cli(["check", webhook.url.href, "--secret", "a wrong one"]);
    expect(err).toContain("Is the secret the same on both sides");
    expect(err).not.toContain("every other usual way");
    expect(requests).toBe(3);
  });

  test("with the hint that something in front of it may refuse, if even a GET is refused", async () => {
    await using webhook = await startWebhook({
      first(_, answer) {
        answer.writeHead(403).end("<h1>Forbidden</h1>");
        return true;
      },
    });
    for (const args of [[], ["--secret", SECRET]]) {
      const { code, err } = await cli(["check", webhook.url.href, ...args]);
      expect(err).toContain("It answers 403 to a plain GET too");
      expect(code).toBe(3);
    }
  });

  test("with the hint to put a login into the URL, if it asks for one", async () => {
    await using webhook = await startWebhook({
      first(_, answer) {
        answer.writeHead(401, { "www-authenticate": 'Basic realm="staging"' }).end();
        return true;
      },
    });
    const { err } = await cli(["check", webhook.url.href, "--secret", SECRET]);
    expect(err).toContain(`The main app sends one if the URL has it: http://USER:PASSWORD@${webhook.url.host}/`);
  });

  test("with a hint if the clocks differ", async () => {
    await using webhook = await startWebhook({
      timestampOk: () => [401, "timestamp_outside_tolerance"],
      refuse(answer, [status, code]) {
        answer.writeHead(status, { date: new Date(Date.now() + 3_600_000).toUTCString() }).end(code);
      },
    });
    const { err } = await cli(["check", webhook.url.href, "--secret", SECRET]);
    expect(err).toMatch(/The webhook's clock is 3(?:599|600) s ahead of this computer's/);
  });
});
