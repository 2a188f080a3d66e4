import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { explain, type RefusedRequest } from "../../local/explain/explain.ts";
import { readHeaderLines } from "../../local/explain/header-lines.ts";
import { COMMON_WRITINGS, CONTRACT, RARE_WRITINGS } from "../../local/explain/signature-writings.ts";

const NOW = 1_767_268_800;
const SECRET = "whsec_0123456789abcdef";
const HEX_SECRET = "00112233445566778899aabbccddeeff";
const BASE64_SECRET = "AAECAwQFBgcICQoLDA0ODw==";
const COMPACT = '{"event":"message_received","message":{"content":"café, 1: \\"ok\\""},"n":1.0}';
const SPACED = '{"event": "message_received", "message": {"content": "café, 1: \\"ok\\""}, "n": 1.0}';
const ASCII = '{"event":"message_received","message":{"content":"caf\\u00e9, 1: \\"ok\\""},"n":1.0}';
const PLAIN = '{"event":"message_received",\n"message":{"content":"hello"}}\n';

const hmac = (content: string, key = SECRET) => createHmac("sha256", key).update(content);
const hex = (content: string, key?: string) => `sha256=${hmac(content, key).digest("hex")}`;

/** A request whose signature covers `signed`, with changes. */
function arrived(body: string, signed = body, changes: Partial<RefusedRequest> = {}): RefusedRequest {
  const timestamp = changes.timestamp ?? String(NOW);
  return {
    body: Buffer.from(body),
    timestamp,
    signature: hex(`${timestamp}.${signed}`),
    secret: SECRET,
    receivedAt: NOW + 2,
    ...changes,
  };
}

/** Signed with the bytes that a secret stands for. */
function signedWith(secret: string, encoding: "hex" | "base64"): RefusedRequest {
  const signature = createHmac("sha256", Buffer.from(secret, encoding)).update(`${NOW}.${PLAIN}`).digest("hex");
  return arrived(PLAIN, PLAIN, { secret, signature: `sha256=${signature}` });
}

function signedByHash(hash: string): RefusedRequest {
  return arrived(PLAIN, PLAIN, { signature: `sha256=${createHmac(hash, SECRET).update(`${NOW}.${PLAIN}`).digest("hex")}` });
}

/** As programs write one value. Python: json.dumps(value, indent=4). PHP: json_encode. .NET: System.Text.Json. */
const VALUE = { text: "café/é", list: [1, { n: 2 }], empty: [{}, []] };
const ARRIVED = JSON.stringify(VALUE);
const ESCAPED = ARRIVED.replaceAll("é", "\\u00e9");
const PYTHON_4 = `{
    "text": "caf\\u00e9/\\u00e9",
    "list": [
        1,
        {
            "n": 2
        }
    ],
    "empty": [
        {},
        []
    ]
}`;

const PHP = ESCAPED.replace("{}", "[]").replaceAll("/", "\\/");
const LISTS = `{"lists":[${Array(9).fill("[]")}]}`;
const GO = '{"text":"é a\\u003cb \\u0026 \\u003e","n":1}';
const GO_PLAIN = '{"text":"é a<b & >","n":1}';

const crlf = (text: string) => text.replaceAll("\n", "\r\n");
const at = (seconds: number) => arrived(PLAIN, PLAIN, { timestamp: String(seconds) });

const causes: [code: string, words: string, what: RefusedRequest][] = [
  ["secret-newline", "given here ends with a line end", arrived(PLAIN, PLAIN, { secret: `${SECRET}\n` })],
  ["secret-space", "white space around", arrived(PLAIN, PLAIN, { secret: `  ${SECRET} ` })],
  ["secret-quotes", "quotes around", arrived(PLAIN, PLAIN, { secret: `"${SECRET}"` })],
  ["secret-quotes", "quotes around", arrived(PLAIN, PLAIN, { secret: `'${SECRET}'\n` })],
  [
    "sender-secret-newline",
    "sender's secret ends with a line end",
    arrived(PLAIN, PLAIN, { signature: hex(`${NOW}.${PLAIN}`, `${SECRET}\n`) }),
  ],
  ["sender-secret-newline", "CRLF", arrived(PLAIN, PLAIN, { signature: hex(`${NOW}.${PLAIN}`, `${SECRET}\r\n`) })],
  [
    "sender-secret-space",
    "sender's secret has a space",
    arrived(PLAIN, PLAIN, { signature: hex(`${NOW}.${PLAIN}`, ` ${SECRET}`) }),
  ],
  [
    "sender-secret-quotes",
    "sender's secret has quotes",
    arrived(PLAIN, PLAIN, { signature: hex(`${NOW}.${PLAIN}`, `"${SECRET}"`) }),
  ],
  [
    "previous-secret-space",
    "the previous secret given here has white space around it",
    arrived(PLAIN, PLAIN, { signature: hex(`${NOW}.${PLAIN}`, "the old one"), previous: " the old one " }),
  ],
  [
    "previous-secret-quotes",
    "the previous secret given here has quotes around it",
    arrived(PLAIN, PLAIN, { signature: hex(`${NOW}.${PLAIN}`, "the old one"), previous: "'the old one'" }),
  ],
  ["secret-prefix", "removes whsec_", arrived(PLAIN, PLAIN, { signature: hex(`${NOW}.${PLAIN}`, SECRET.slice(6)) })],
  ["secret-decoded", "from hex", signedWith(HEX_SECRET, "hex")],
  ["secret-decoded", "from base64", signedWith(BASE64_SECRET, "base64")],
  ["reserialised", "covers the same JSON without white space", arrived(SPACED, COMPACT)],
  ["reserialised", "without white space, and with characters", arrived(ASCII.replaceAll('":', '": '), COMPACT)],
  ["reserialised", '", " and ": "', arrived(COMPACT, SPACED)],
  ["reserialised", "instead of \\uXXXX escapes", arrived(ASCII, COMPACT)],
  ["reserialised", "indented by 2 spaces", arrived(ARRIVED, JSON.stringify(VALUE, null, 2))],
  ["reserialised", "indented by tabs", arrived(ARRIVED, JSON.stringify(VALUE, null, "\t"))],
  ["reserialised", "indented by 4 spaces (Python's indent=4), and with \\uXXXX escapes", arrived(ARRIVED, PYTHON_4)],
  ["reserialised", "with \\/ instead of /", arrived(ARRIVED, ARRIVED.replaceAll("/", "\\/"))],
  ["reserialised", "escapes (Python's ensure_ascii), and with \\/", arrived(ARRIVED, ESCAPED.replaceAll("/", "\\/"))],
  ["reserialised", "with / instead of \\/", arrived(ARRIVED.replaceAll("/", "\\/"), ARRIVED)],
  ["reserialised", "escapes in upper case", arrived(ARRIVED, ESCAPED.replaceAll("e9", "E9"))],
  ["reserialised", "numbers as JavaScript writes them", arrived('{"n":1.0,"m":1e3,"s":"1.0"}', '{"n":1,"m":1000,"s":"1.0"}')],
  [
    "reserialised",
    "1.0, 2.0 ... instead of its whole numbers",
    arrived('{"seq":7,"n":1,"s":"1","m":-2}', '{"seq":7,"n":1.0,"s":"1","m":-2.0}'),
  ],
  ["reserialised", "-2.0 instead of -2, and with \\u", arrived('{"n":1,"s":"é 3","m":-2}', '{"n":1,"s":"\\u00e9 3","m":-2.0}')],
  ["reserialised", "covers the same JSON with {} instead of [] (PHP)", arrived(PHP.replaceAll("\\/", "/"), ESCAPED)],
  ["reserialised", "with {} instead of [] (PHP), and with / instead of \\/", arrived(PHP, ESCAPED)],
  ["reserialised", "with {} instead of [] (PHP)", arrived(LISTS, LISTS.replaceAll("[]", "{}"))],
  ["reserialised", "covers the same JSON with characters instead of escapes such as \\u003c", arrived(GO, GO_PLAIN)],
  ["reserialised", "such as \\u003c (Go, .NET), and with \\uXXXX", arrived(GO, GO_PLAIN.replace("é", "\\u00e9"))],
  ["reserialised", "covers the same JSON with the escapes \\u003c", arrived(GO_PLAIN, GO)],
  ["reserialised", "covers the same JSON as JSON.stringify", arrived('{"9":1,"t":"\\u000a","1":2}', '{"1":2,"9":1,"t":"\\n"}')],
  ["milliseconds", "milliseconds", at(NOW * 1000)],
  ["time-zone", "2 h behind", at(NOW - 7200)],
  ["time-zone", "1 h ahead", at(NOW + 3600)],
  ["stale", "302 s before", at(NOW - 300)],
  ["stale", "86402 s before", at(NOW - 86_400)],
  ["timestamp-malformed", "decimal digits", arrived(PLAIN, PLAIN, { timestamp: "2026-01-01T12:00:00Z" })],
  ["base64", "base64", arrived(PLAIN, PLAIN, { signature: `sha256=${hmac(`${NOW}.${PLAIN}`).digest("base64")}` })],
  ["prefix", "does not begin with sha256=", arrived(PLAIN, PLAIN, { signature: hmac(`${NOW}.${PLAIN}`).digest("hex") })],
  ["prefix", "begins with v1=", arrived(PLAIN, PLAIN, { signature: hex(`${NOW}.${PLAIN}`).replace("sha256", "v1") })],
  ["several-signatures", "more than one", arrived(PLAIN, PLAIN, { signature: `${hex(`${NOW}.${PLAIN}`)}, ${hex("")}` })],
  ["malformed", "SHA-1", arrived(PLAIN, PLAIN, { signature: `sha256=${"a".repeat(40)}` })],
  ["malformed", "SHA-1", signedByHash("sha1")],
  ["malformed", "SHA-512", signedByHash("sha512")],
  ["stripe-form", "Stripe", arrived(PLAIN, PLAIN, { signature: hex(`${NOW}.${PLAIN}`).replace("sha256", `t=${NOW},v1`) })],
  ["other-order", "the body, a dot, and then the timestamp", arrived(PLAIN, PLAIN, { signature: hex(`${PLAIN}.${NOW}`) })],
  ["other-order", "without a dot", arrived(PLAIN, PLAIN, { signature: hex(`${PLAIN}${NOW}`) })],
  ["other-separator", "with a colon", arrived(PLAIN, PLAIN, { signature: hex(`${NOW}:${PLAIN}`) })],
  ["other-separator", "Slack", arrived(PLAIN, PLAIN, { signature: hex(`v0:${NOW}:${PLAIN}`) })],
  ["without-timestamp", "body alone", arrived(PLAIN, PLAIN, { signature: hex(PLAIN) })],
  ["without-dot", "without a dot", arrived(PLAIN, PLAIN, { signature: hex(`${NOW}${PLAIN}`) })],
  ["changed-on-the-way", "from \\n to \\r\\n", arrived(crlf(PLAIN), PLAIN)],
  ["changed-on-the-way", "from \\r\\n to \\n", arrived(PLAIN, crlf(PLAIN))],
  ["changed-on-the-way", "a line end was added", arrived(PLAIN, PLAIN.trimEnd())],
  ["changed-on-the-way", "the last line end of the body was lost", arrived(COMPACT, `${COMPACT}\n`)],
  ["changed-on-the-way", "byte order mark was put", arrived(`\ufeff${COMPACT}`, COMPACT)],
  ["changed-on-the-way", "byte order mark was put", arrived(`\ufeff${COMPACT}`, ASCII)],
  ["changed-on-the-way", "byte order mark before the body was lost", arrived(COMPACT, `\ufeff${COMPACT}`)],
  ["empty-body", "an empty body", arrived(COMPACT, "")],
  ["header-missing", "X-Signature is missing", { ...arrived(PLAIN), signature: undefined }],
  [
    "header-missing",
    "X-Signature and X-Timestamp are missing",
    { ...arrived(PLAIN), signature: undefined, timestamp: undefined },
  ],
  ["header-missing", "X-Timestamp is missing", { ...arrived(PLAIN), timestamp: undefined }],
];

describe("explain finds the cause", () => {
  test.each(causes)("%s: %s", async (code, words, refused) => {
    const { valid, findings } = await explain(refused);
    expect(valid).toBe(false);
    expect(findings.map((finding) => finding.code)).toEqual([code]);
    expect(findings[0]?.what).toContain(words);
    expect(findings[0]?.fix).toMatch(/^[A-Z].*\.$/);
  });

  test("milliseconds in the header, but seconds in the signature", async () => {
    const { findings } = await explain(arrived(PLAIN, PLAIN, { timestamp: `${NOW}123`, signature: hex(`${NOW}.${PLAIN}`) }));
    expect(findings.map(({ code }) => code)).toEqual(["other-timestamp", "milliseconds"]);
  });

  test("another hash, and says that this is the cause", async () => {
    const { found, findings } = await explain(signedByHash("sha512"));
    expect([found, findings[0]?.what]).toEqual([
      true,
      "X-Signature has 128 hex digits, which is the length of SHA-512, and 64 hex digits are expected",
    ]);
  });

  test("two causes at once", async () => {
    const signature = hmac(`${NOW - 3600}.${PLAIN}`, SECRET).digest("base64");
    const { findings } = await explain({ ...at(NOW - 3600), signature, secret: `${SECRET}\n` });
    expect(findings.map(({ code }) => code)).toEqual(["secret-newline", "prefix", "base64", "time-zone"]);
  });
});

test.each([CONTRACT, ...COMMON_WRITINGS, ...RARE_WRITINGS])("explain reads what check writes: $advice", async ({ write }) => {
  const digest = hmac(`${NOW}.${PLAIN}`).digest();
  expect((await explain(arrived(PLAIN, PLAIN, { signature: write(digest, String(NOW)) }))).found).toBe(true);
});

describe("explain says that a signature is good", () => {
  test.each([
    ["over the raw bytes", arrived(COMPACT), []],
    ["in upper case", { ...arrived(PLAIN), signature: `sha256=${hmac(`${NOW}.${PLAIN}`).digest("hex").toUpperCase()}` }, []],
    ["as the main app signs", arrived(COMPACT, ASCII), ["signed-escaped"]],
    ["as an older HTTP client signs", arrived(SPACED, ASCII), ["signed-compact"]],
    [
      "with the previous secret, which a webhook accepts while it is changed",
      arrived(PLAIN, PLAIN, { signature: hex(`${NOW}.${PLAIN}`, "the old one"), previous: "the old one" }),
      ["previous-secret"],
    ],
    ["300 s old", arrived(PLAIN, PLAIN, { receivedAt: NOW + 300 }), []],
  ] as const)("%s", async (_, request, codes) => {
    const { valid, findings } = await explain(request);
    expect(valid).toBe(true);
    expect(findings.map(({ code }) => code)).toEqual(codes);
  });

  test.each([
    ["pretty-printed", JSON.stringify(JSON.parse(COMPACT), null, 2), "the body here is pretty-printed"],
    ["ended with a line end", `${COMPACT}\n`, "there is white space around the body here"],
    ["spaced", SPACED, "this is how the main app signs with an older HTTP client"],
  ])("over the compact form, and names the white space of a body that is %s", async (_, body, words) => {
    const { valid, findings } = await explain(arrived(body, ASCII.replace("1.0", body.includes("1.0") ? "1.0" : "1")));
    expect([valid, findings.map(({ code }) => code)]).toEqual([true, ["signed-compact"]]);
    expect(findings[0]?.what).toContain(words);
  });

  test("of every signed request that the main app was seen to send", async () => {
    for (const file of ["main-app-requests", "main-app-requests-older-client"]) {
      const vectors = JSON.parse(readFileSync(new URL(`../vectors/${file}.json`, import.meta.url), "utf8"));
      for (const { name, secret, headers, body_base64 } of vectors) {
        const { "X-Timestamp": timestamp, "X-Signature": signature } = Object.fromEntries(headers);
        if (!signature) continue;
        const request = {
          body: Buffer.from(body_base64, "base64"),
          timestamp,
          signature,
          secret,
          receivedAt: Number(timestamp),
        };
        expect({ name, valid: (await explain(request)).valid }).toEqual({ name, valid: true });
      }
    }
  });
});

describe("explain knows the secrets of many Apps", () => {
  const [A, B, C] = ["app-a", "app-b", "app-c"];
  const appSecrets = new Map([
    [A, ["of a"]],
    [B, ["of b", "of b before"]],
  ]);
  const bodyOf = (app: string) => `{"app":{"id":"${app}"}}`;
  const signedBy = (key: string, app: string, appId: string | undefined, more: Partial<RefusedRequest> = {}) =>
    explain(
      arrived(bodyOf(app), undefined, {
        signature: hex(`${NOW}.${bodyOf(app)}`, key),
        appSecrets,
        previous: "old",
        appId,
        ...more,
      }),
    );

  test.each<[boolean, string[], string, ...Parameters<typeof signedBy>]>([
    [true, ["app-secret"], "with the secret of App app-a in WEBHOOK_SECRETS", "of a", A, A],
    [true, ["app-secret"], "with the secret of App app-b", "of b", B, B],
    [true, ["app-secret"], "with the second secret of App app-b", "of b before", B, B],
    [true, [], "", SECRET, C, C],
    [true, ["previous-secret"], "", "old", C, undefined],
    [false, ["common-secret"], "with WEBHOOK_SECRET, and App app-a has a secret of its own", SECRET, A, A],
    [false, ["common-secret"], "", "old", A, A],
    [false, ["other-app"], "with the secret of App app-a in WEBHOOK_SECRETS, and X-App-Id names another one", "of a", B, B],
    [false, ["other-app"], "with the secret of App app-b in WEBHOOK_SECRETS, and X-App-Id is missing", "of b", B, undefined],
    [false, ["app-secret", "app-mismatch"], "", "of a", B, A],
    [false, ["app-mismatch"], "X-App-Id is missing, and app.id in the body is app-a: WEBHOOK_SECRET", SECRET, A, undefined],
    [false, ["app-mismatch"], "X-App-Id is app-c, and app.id in the body is app-a", SECRET, A, C],
    [false, ["secret-newline"], "", "of a", A, A, { appSecrets: new Map([[A, ["of a\n"]]]) }],
    [true, ["app-secret"], "", "of a", A, A, { secret: undefined }],
    [false, [], "", "another", A, A, { secret: undefined }],
  ])("%j %j: %s", async (isValid, codes, words, ...request) => {
    const { valid, findings } = await signedBy(...request);
    expect([valid, findings.map(({ code }) => code)]).toEqual([isValid, codes]);
    expect(findings[0]?.what ?? "").toContain(words);
  });
});

describe("explain reads headers", () => {
  const lines = "Host: x\r\nX-Timestamp: 1767268800\r\nX-Signature: sha256=ab\r\nContent-Length: 2\r\n";
  const utf16 = Buffer.from(`\ufeff${lines}`, "utf16le");
  test.each([
    ["as they are", lines],
    ["in lower case, without the last line end", lines.toLowerCase().trimEnd()],
    ["with a byte order mark", `\ufeff${lines.replace("Host: x\r\n", "")}`],
    ["in UTF-16", utf16],
    ["in UTF-16, the other byte first", Buffer.from(utf16).swap16()],
    ["quoted in a mail", lines.replaceAll(/^(?=.)/gm, "> ")],
    ["of curl -v", `* Connected\n${lines.replaceAll(/^(?=.)/gm, "> ")}> \n< HTTP/1.1 401 Unauthorized\n< Vary: X-Signature\n`],
  ])("%s", (_, content) => {
    const read = readHeaderLines(Buffer.from(content as string), "h.txt");
    expect(read).toEqual({ timestamp: "1767268800", signature: "sha256=ab", contentLength: "2" });
  });

  const digits = "0123456789abcdef".repeat(4);
  const whole = { timestamp: "1767268800", signature: `sha256=${digits}`, contentLength: undefined };
  const sent = `X-Timestamp: 1767268800\nX-Signature: sha256=${digits}\n`;
  test.each([
    ["whose lines a mail wrapped", `> X-Timestamp: 1767268800\n> X-Signature:\n> sha256=${digits}\n`],
    [
      "whose values a mail broke",
      `On Monday, A wrote:\n> X-Timestamp: 17672\n> 68800\n> X-Signature: sha256=${digits.slice(0, 50)}\n> ${digits.slice(50)}\n`,
    ],
    ["broken after the prefix, and again", sent.replace("=", "=\n").replace("01234567", "01234567\n")],
    [
      "of a browser's DevTools",
      `host:\nlocalhost:8081\nx-signature:\nsha256=${digits}\nx-timestamp:\n1767268800\nx-app-id:\n\n`,
    ],
    ["with CR alone", sent.replaceAll("\n", "\r")],
    ["of CGI", sent.replace("X-Timestamp", "HTTP_X_TIMESTAMP").replace("X-Signature", "HTTP_X_SIGNATURE")],
    ["with values in quotes", sent.replace(/: (.*)/g, ': "$1"')],
    ["with values in quotes, and commas", sent.replace(/: (.*)/g, ": '$1',")],
    [
      "of all that curl -v prints",
      `$ curl -v -H "X-Signature: sha256=0" x\n* Connected\n${sent.replaceAll(/^(?=.)/gm, "> ")}> \n* done\n< HTTP/1.1 401 Unauthorized\n< Content-Length: 30\n< X-Signature: sha256=1\n< \n{"X-Timestamp":1}\n`,
    ],
    [
      "of all that curl -v prints, in a mail",
      `> > X-Timestamp: 1767268800\n> > X-Signature: sha256=${digits}\n> < HTTP/1.1 401 Unauthorized\n> < X-Signature: 1\n`,
    ],
    ["of an answer of curl -v", sent.replaceAll(/^(?=.)/gm, "< ")],
  ])("%s", (_, content) => {
    expect(readHeaderLines(Buffer.from(content), "h.txt")).toEqual(whole);
  });

  test.each([
    ["JSON", JSON.stringify({ "x-timestamp": "1", "x-signature": "sha256=ab" }, null, 2), ": it looks like JSON"],
    ["a Python dict", "{'X-Timestamp': '1', 'X-Signature': 'sha256=ab'}", ": it looks like a Python dict"],
    ["a log line", "Level: info\n[12:00] got X-Timestamp=1 X-Signature=sha256=ab", "names X-Timestamp, but not as a header. "],
    [
      "a Node object",
      `{\n  host: 'x',\n  'x-timestamp': '1',\n  'x-signature': 'sha256=ab'\n}`,
      ": it looks like a Node object",
    ],
    ["a list in one header", "Got: X-Timestamp=1, X-Signature=sha256=ab", "names X-Timestamp, but not as a header. "],
    [
      "a value that is broken and not whole",
      "X-Timestamp: 1\nX-Signature: sha256=abcd\nabcd\n",
      "has X-Signature on several lines, and they are not a whole value. ",
    ],
    [
      "a line in quotes",
      `-H 'X-Timestamp: 1' -H 'X-Signature: sha256=ab'\nHost: x`,
      "names X-Timestamp, but not as a header. ",
    ],
    ["WSGI", "{'HTTP_X_TIMESTAMP': '1'}", "WSGI or CGI"],
    ["a body", '{"event":"message_received"}', "has no headers in it: it looks like JSON"],
    ["nothing", "", "h.txt has no headers in it. Write each header on a line of its own"],
    ["UTF-16 without a mark", Buffer.from(lines, "utf16le"), "h.txt is not UTF-8 text. Save it again as UTF-8."],
  ])("and says of %s that it cannot, and how to write them", (_, content, words) => {
    expect(() => readHeaderLines(Buffer.from(content as string), "h.txt")).toThrow(words);
  });

  test("and says that a header is missing if it is", () => {
    const { signature } = readHeaderLines(Buffer.from("X-Timestamp: 1\nVary: X-Signature\n"), "h.txt");
    expect(signature).toBeUndefined();
  });
});

const SORTED = '{"app":{"id":"1","name":"x"},"event":"message_received","message":{"content":"hi"},"version":"1.0"}';

test.each([
  ["cut off", Buffer.from('{"event":"mess'), {}, "it may be cut off"],
  ["empty", Buffer.from(""), {}, "The body here is empty"],
  ["printed by Python", Buffer.from(`b'{"event":1}'`), {}, "The body here is quoted"],
  ["printed as a dict", Buffer.from("{'event': 1}"), {}, "The body here is a Python dict"],
  ["in Latin-1", Buffer.from('{"text":"é"}', "latin1"), {}, "The body here is not UTF-8"],
  ["in alphabetical order", Buffer.from(SORTED), {}, "are in alphabetical order"],
  ["in alphabetical order on its way", Buffer.from(SORTED), { isLive: true }, "are in alphabetical order"],
  ["of another length", Buffer.from("{}"), { contentLength: "612" }, "Content-Length is 612, and the body here has 2 bytes"],
  ["possible", Buffer.from(PLAIN), { contentLength: String(PLAIN.length) }, "If none passes, the secret is another one"],
])("the last words help with a body that is %s", async (_, body, more, words) => {
  const { hints } = await explain({ ...arrived(PLAIN, "another"), body, ...more, signature: hex("x", "someone else") });
  expect(hints.join("\n")).toContain(words);
  if (!("isLive" in more)) expect(hints.at(-1)).toContain("npx replyhook explain --listen");
});

test("the last words say nothing of an order that is the main app's", async () => {
  const body = Buffer.from('{"version":"1.0","event":"message_received","app":{"a":1,"b":2,"c":3}}');
  const { hints } = await explain({ ...arrived(PLAIN), body });
  expect(hints.join("\n")).not.toContain("alphabetical");
});

test("explain says that it found nothing", async () => {
  const { valid, found, findings, tried } = await explain({
    ...arrived(PLAIN),
    signature: hex("something else", "someone else"),
  });
  expect({ valid, found, findings }).toEqual({ valid: false, found: false, findings: [] });
  expect(tried).toBeGreaterThan(100);
});
