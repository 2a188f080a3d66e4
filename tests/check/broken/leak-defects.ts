import type { ServerResponse } from "node:http";
import { type Behaviour, correct, type Refusal } from "./base.ts";
import type { Defect } from "./defect.ts";

type Request = Parameters<Behaviour["refuse"]>[2];

/** Refuses with this body, or as the contract says where there is none. */
const refusesWith = (
  bodyOf: (this: Behaviour, refusal: Refusal, request: Request) => string | undefined,
  type = "application/json",
): Partial<Behaviour> => ({
  refuse(answer, refusal, request) {
    const body = bodyOf.call(this, refusal, request);
    if (body === undefined) return correct.refuse.call(this, answer, refusal, request);
    answer.writeHead(refusal[0], { "content-type": type }).end(body);
  },
});

/** Answers GET at `path` with a body, before anything else. */
const answersGet = (path: string, bodyOf: (self: Behaviour) => string): Partial<Behaviour> => ({
  first(request, answer) {
    if (request.method !== "GET" || request.url?.split("?")[0] !== path) return correct.first.call(this, request, answer);
    answer.setHeader("content-type", "text/plain").end(bodyOf(this));
    return true;
  },
});

/** Reads bodies with JSON.parse, and answers what `told` makes of its error. */
const tellsParseError = (told: (error: Error, body: Buffer) => string): Partial<Behaviour> => {
  const texts = new WeakMap<object, string>();
  return {
    parse(body) {
      try {
        return correct.parse.call(this, body);
      } catch (error) {
        let known: Error = error as Error;
        try {
          JSON.parse(body.toString());
        } catch (parseError) {
          known = parseError as Error;
        }
        const failure = new Error("told");
        texts.set(failure, told(known, body));
        throw failure;
      }
    },
    failed(answer: ServerResponse, error) {
      const text = texts.get(error as object);
      if (text === undefined) answer.writeHead(500).end();
      else
        answer.writeHead(400, { "content-type": "application/json" }).end(JSON.stringify({ code: "bad_json", detail: text }));
    },
  };
};

const onlyFor = (code: string, text: (self: Behaviour, request: Request) => string) =>
  refusesWith(function ([, refused], request) {
    return refused === code ? JSON.stringify({ code, detail: text(this, request) }) : undefined;
  });

const PYTHON_TRACE = `Traceback (most recent call last):
  File "/srv/bot/app.py", line 31, in handle
    text = payload["message"]["content"]
KeyError: 'message'`;
const GO_TRACE = `panic: interface conversion\n\ngoroutine 18 [running]:\nmain.handle(0xc000)\n\t/go/src/bot/main.go:41 +0x1d`;
const JAVA_TRACE = `java.lang.NullPointerException\n\tat com.example.bot.Hook.handle(Hook.java:57)\n\tat java.base/java.lang.Thread.run(Thread.java:840)`;
const PHP_TRACE = `<br />\n<b>Fatal error</b>:  Uncaught TypeError in /var/www/html/hook.php:12\nStack trace:\n#0 {main}\n  thrown in <b>/var/www/html/hook.php</b> on line <b>12</b><br />`;
const RUBY_TRACE = `/usr/src/app/hook.rb:14:in \`handle': undefined method \`[]' for nil (NoMethodError)`;
const NET_TRACE = `System.NullReferenceException: Object reference not set\n   at Bot.Hook.Handle(Request r) in /src/Bot/Hook.cs:line 22`;

export const leakDefects: readonly Defect[] = [
  {
    caughtBy: "H22",
    mistake: "shows its secret on the page",
    changes: answersGet("/", ({ secret }) => `Up. Secret: ${secret}`),
  },
  {
    caughtBy: "H22",
    mistake: "shows its settings at /health",
    changes: answersGet("/health", ({ secret }) => JSON.stringify({ status: "ok", env: { WEBHOOK_SECRET: secret } })),
  },
  { caughtBy: "H22", mistake: "serves its .env", changes: answersGet("/.env", ({ secret }) => `WEBHOOK_SECRET=${secret}\n`) },
  {
    caughtBy: "H22",
    mistake: "shows its secret in base64 in a 404",
    changes: onlyFor("not_found", ({ secret }) => Buffer.from(secret).toString("base64")),
  },
  {
    caughtBy: "H22",
    mistake: "shows its secret to a body that is no JSON",
    changes: onlyFor("body_not_json", ({ secret }) => `config: ${JSON.stringify({ secret })}`),
  },
  {
    caughtBy: "H22",
    mistake: "has its secret in hex in a header of the stream",
    after: "E01",
    changes: {
      async stream(answer, reply) {
        const headers = { ...this.streamHeaders, "x-config": Buffer.from(this.secret).toString("hex") };
        await correct.stream.call({ ...this, streamHeaders: headers }, answer, reply);
      },
    },
  },
  {
    caughtBy: "H22",
    mistake: "has its secret in the answer to a body over the limit",
    after: "H09",
    changes: onlyFor("body_too_large", ({ secret, maxBytes }) => JSON.stringify({ secret, maxBytes })),
  },
  {
    caughtBy: "H22",
    mistake: "shows the expected signature to one that is malformed",
    changes: {
      verify(request, body) {
        const refusal = correct.verify.call(this, request, body);
        if (refusal?.[1] !== "signature_malformed") return refusal;
        const digest = this.digest(String(request.headers["x-timestamp"]), body).toString("hex");
        return [401, `signature_malformed: not sha256=${digest.toUpperCase()}`];
      },
    },
  },
  {
    caughtBy: "H22",
    mistake: "shows the expected signature if the header is missing",
    after: "S02",
    changes: {
      verify(request, body) {
        const refusal = correct.verify.call(this, request, body);
        if (refusal?.[1] !== "signature_missing") return refusal;
        const digest = this.digest(String(request.headers["x-timestamp"] ?? ""), body).toString("base64");
        return [401, `signature_missing: send ${digest}`];
      },
    },
  },
  {
    caughtBy: "H23",
    mistake: "answers the stack of its JSON parser",
    changes: tellsParseError(({ stack }) => String(stack)),
  },
  { caughtBy: "H23", mistake: "answers a Python traceback", changes: onlyFor("payload_invalid", () => PYTHON_TRACE) },
  { caughtBy: "H23", mistake: "answers a Go panic", changes: onlyFor("payload_invalid", () => GO_TRACE) },
  { caughtBy: "H23", mistake: "answers a Java exception", changes: onlyFor("content_type_unsupported", () => JAVA_TRACE) },
  {
    caughtBy: "H23",
    mistake: "answers PHP's page for a fatal error",
    changes: refusesWith(([, code]) => (code === "payload_invalid" ? PHP_TRACE : undefined), "text/html"),
  },
  { caughtBy: "H23", mistake: "answers a Ruby exception", changes: onlyFor("event_unsupported", () => RUBY_TRACE) },
  { caughtBy: "H23", mistake: "answers a .NET exception", changes: onlyFor("not_found", () => NET_TRACE) },
  {
    caughtBy: "H23",
    mistake: "names its file in an error",
    changes: onlyFor("not_found", () => "no such file: /home/bot/hooks/routes.js"),
  },
  { caughtBy: "H24", mistake: "answers the message of its JSON parser", changes: tellsParseError(({ message }) => message) },
  {
    caughtBy: "H24",
    mistake: "repeats a body that is no JSON",
    changes: tellsParseError((_, body) => `not JSON: ${body.toString().slice(0, 100)}`),
  },
  {
    caughtBy: "H24",
    mistake: "repeats the path in a 404",
    changes: onlyFor("not_found", (_, { method, url }) => `Cannot ${method} ${url}`),
  },
  {
    caughtBy: "H24",
    mistake: "repeats an unknown event",
    changes: {
      invalid(value) {
        const refusal = correct.invalid.call(this, value);
        return refusal === "event_unsupported" ? `event_unsupported: ${value.event}` : refusal;
      },
    },
  },
  {
    caughtBy: "H24",
    mistake: "repeats the content type",
    changes: onlyFor("content_type_unsupported", (_, { headers }) => `not JSON but ${headers["content-type"]}`),
  },
  {
    caughtBy: "H24",
    mistake: "repeats the signature that was sent",
    changes: onlyFor("signature_malformed", (_, { headers }) => `signature malformed: ${headers["x-signature"]}`),
  },
  {
    caughtBy: "H24",
    mistake: "repeats the headers of a refused request",
    changes: refusesWith(([status, code], { headers }) => (status === 401 ? JSON.stringify({ code, headers }) : undefined)),
  },
  {
    caughtBy: "H26",
    mistake: "writes the path into an HTML page",
    changes: refusesWith(
      ([, code], { url }) => (code === "not_found" ? `<h1>No page ${decodeURIComponent(url ?? "")}</h1>` : undefined),
      "text/html; charset=utf-8",
    ),
  },
  {
    caughtBy: "H26",
    mistake: "writes the query into its page",
    changes: {
      first(request, answer) {
        const { pathname, searchParams } = new URL(request.url ?? "", "http://localhost");
        if (request.method !== "GET" || pathname !== "/") return correct.first.call(this, request, answer);
        answer.setHeader("content-type", "text/html").end(`<h1>Up</h1>${[...searchParams.values()].join()}`);
        return true;
      },
    },
  },
];
