import * as fc from "fast-check";
import { NIL_ID } from "../../local/sender/main-app.ts";
import { OWN_APP } from "./secrets.ts";

/** Stands in what a stranger sends, and must come back in no error. */
export const CANARY = "kanarienvogel";

const trickyText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        CANARY,
        "\\",
        '"',
        "\\u00e9",
        "é",
        "😀",
        "\ud83d",
        "\ude00",
        "\0",
        "\x7f",
        "\u2028",
        "\ufeff",
        "</",
        "\n",
      ),
      fc.string({ unit: "binary" }),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(""));
const anyJson = fc.oneof(fc.jsonValue({ stringUnit: "binary", maxDepth: 3 }), trickyText);
const id = fc.constantFrom("t1", NIL_ID, "f62591a3-8934-47cc-bd16-e1e800212586", "x".repeat(300), "\u0000", "🦜");
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

const validPayload = fc.record({
  version: maybe(fc.constant("1.0")),
  event: fc.constant("message_received"),
  app: fc.record({
    id: fc.constantFrom("test-app", "test-app", "test-app", "f62591a3-8934-47cc-bd16-e1e800212586", OWN_APP),
    name: maybe(fc.option(trickyText)),
  }),
  thread: fc.record({ id, customer_id: maybe(fc.option(trickyText)) }),
  message: fc.record({
    id: maybe(fc.constant("m1")),
    seq: maybe(fc.constantFrom(0, -1, 7, 1e21, Number.MAX_SAFE_INTEGER)),
    role: maybe(trickyText),
    content: fc.oneof(trickyText, fc.constantFrom("", "é".repeat(2000), "a\0b", "😀".repeat(300))),
    content_json: maybe(anyJson),
  }),
  history_tail: maybe(
    fc.array(fc.record({ role: trickyText, content: trickyText, content_json: maybe(anyJson) }), { maxLength: 12 }),
  ),
  timestamp: maybe(trickyText),
  [CANARY]: maybe(anyJson),
});

/** The fields of the schema, and some that it does not have. */
const FIELDS = [
  ..."event version app app.id app.name thread thread.id thread.customer_id message message.id message.seq".split(" "),
  ..."message.role message.content message.content_json history_tail history_tail.0 history_tail.0.role".split(" "),
  ..."history_tail.1.content timestamp __proto__ constructor app.__proto__ message.toString".split(" "),
];
const oddValue = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -0,
    1.5,
    1e308,
    2 ** 53,
    "",
    "message_sent",
    "message_received",
    [],
    {},
    [[]],
    [null],
    {
      content: CANARY,
    },
  ),
  anyJson,
);
const mutation = fc.record({ field: fc.constantFrom(...FIELDS), isRemoved: fc.boolean(), value: oddValue });
type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never;

/** The value with one field changed or removed. A path that leads nowhere changes nothing. */
function mutated(payload: object, { field, isRemoved, value }: Mutation): object {
  const names = field.split(".");
  const last = names.pop() as string;
  const copy = structuredClone(payload);
  let place: unknown = copy;
  for (const name of names) place = (place as Record<string, unknown> | undefined)?.[name];
  if (typeof place !== "object" || place === null || place === Object.prototype) return copy;
  if (isRemoved) delete (place as Record<string, unknown>)[last];
  else Object.defineProperty(place, last, { value, enumerable: true, configurable: true, writable: true });
  return copy;
}

/** Changes of a JSON text that keep it JSON, or do not. */
const edit = fc.oneof(
  fc.constantFrom<(json: string) => string>(
    (json) => json.replace("{", '{"event":"message_received","event":1,"event":"message_received",'),
    (json) => json.replace(/\}$/, ',"message":{"content":"the last one counts"}}'),
    (json) => json.replace(/\}$/, ',"message":{"seq":1e400,"content":""}}'),
    (json) => json.replace("{", `{"deep":${"[".repeat(5000)}${"]".repeat(5000)},`),
    (json) => json.replace("{", `{"deep":${'{"a":'.repeat(3000)}1${"}".repeat(3000)},`),
    (json) => json.replace("{", '{"number":-1.5e-400,"big":123456789012345678901234567890,'),
    (json) => json.replace(/"content":"/, '"content":"\\ud800\\u0000\\udc00\\/'),
    (json) => json.replaceAll("e", "\\u0065").replaceAll("\\\\u0065", "e"),
    (json) => `\ufeff${json}`,
    (json) => `${json}\n \t\r`,
    (json) => `${json},`,
    (json) => `[${json}]`,
    (json) => json.replaceAll('"', "'"),
    (json) => json.replace(":", ": // a comment\n"),
    (json) => json.replace("{", "{\u00a0"),
    (json) => json.slice(0, -1),
    () => "",
    () => "null",
    () => '"message_received"',
    () => "NaN",
  ),
  fc.tuple(fc.nat(), fc.nat(4), trickyText).map(([at, length, text]) => (json: string) => {
    const start = at % (json.length + 1);
    return json.slice(0, start) + text + json.slice(start + length);
  }),
);

const writing = fc.constantFrom<(value: unknown) => string>(
  JSON.stringify,
  (value) => JSON.stringify(value, null, 1),
  (value) => JSON.stringify(value).replace(/("(?:[^"\\]|\\.)*")|([,:])/g, (found, text) => text ?? `${found} `),
);

const json = fc
  .tuple(
    validPayload,
    fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, fc.array(mutation, { maxLength: 3 })),
    writing,
    fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.array(edit, { maxLength: 2 })),
  )
  .map(([payload, mutations, write, edits]) => {
    const text = write(mutations.reduce(mutated, payload as object));
    return edits.reduce((edited, change) => change(edited), text).toWellFormed();
  });

/** The raw body of a request: mostly JSON of a payload, else any bytes, or a payload that is padded to a length at the limit. */
export const rawBody: fc.Arbitrary<Uint8Array<ArrayBuffer>> = fc
  .oneof(
    { weight: 400, arbitrary: json },
    { weight: 20, arbitrary: fc.tuple(json, fc.nat(), fc.nat(255)).map(withByte) },
    { weight: 20, arbitrary: fc.uint8Array({ maxLength: 300 }) },
    { weight: 1, arbitrary: fc.tuple(fc.constantFrom(1_048_575, 1_048_576, 1_048_577), fc.noBias(fc.nat())).map(ofLength) },
  )
  .map((body) => Uint8Array.from(typeof body === "string" ? new TextEncoder().encode(body) : body));

function withByte([text, at, byte]: [string, number, number]): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length > 0) bytes[at % bytes.length] = byte;
  return bytes;
}

/** Each is another message: a copy would get no second answer of this length. */
function ofLength([bytes, number]: [number, number]): string {
  const [start, end] = ['{"event":"message_received","app":{"id":"a"},"thread":{"id":"t"},"message":{"content":"', '"}}'];
  return start + String(number).padEnd(bytes - start.length - end.length, "x") + end;
}
