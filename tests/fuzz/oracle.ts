import { Problem, type ProblemCode } from "../../shared/problem.ts";
import { type Answer, jsonOf, textOf } from "../support/target.ts";
import { CANARY } from "./bodies.ts";
import type { Expected } from "./expected.ts";
import type { Plan } from "./plans.ts";
import { SECRETS } from "./secrets.ts";

const POINTER =
  /^#(?:\/(?:event|version|app|thread|message|history_tail|timestamp|id|name|customer_id|seq|role|content|\d+))*$/;
const DETAIL = /^(?:is required|must (?:be (?:a string|an integer|an object|a list|message_received)|not be empty))$/;
const DONE = '\n\nevent: done\ndata: {"status":"completed"}\n\n';
/** The most characters of an answer in a message of a failure. */
const SHOWN = 1000;

/** Throws an error that says what is wrong with the answer to the request of this plan. */
export async function checkAnswer(plan: Plan, expected: Expected, answer: Answer): Promise<void> {
  const text = textOf(answer);
  const headers = Array.from(answer.headers, (header) => header.join(": "));
  const fail = (what: string): never => {
    const [wanted, came] = [JSON.stringify(expected), `${answer.status} ${headers}\n${text}`].map((text) =>
      text.slice(0, SHOWN),
    );
    throw new Error(`${what}: ${wanted} was expected, and this came:\n${came}`);
  };
  const said = headers.join("\n") + ("text" in expected ? "" : text);
  for (const secret of [CANARY, ...Object.values(SECRETS)]) if (said.includes(secret)) fail(`the answer has "${secret}"`);

  if ("code" in expected) return checkProblem(expected.code);
  if (answer.status !== 200) fail("not 200");
  if ("page" in expected) return;
  const isStream = answer.headers.get("content-type") === "text/event-stream; charset=utf-8";
  if (isStream !== (expected.stream ?? isStream)) fail("the wrong form");
  if (isStream) {
    const deltas = Array.from(text.matchAll(/^event: delta\ndata: (.*)$/gm), ([, data]) => JSON.parse(data as string).text);
    if (deltas.join("") !== expected.text || !text.endsWith(DONE)) fail("another stream");
  } else if (text !== JSON.stringify({ reply: expected.text })) fail("another reply");

  async function checkProblem(code: ProblemCode): Promise<void> {
    const named = new Problem(code);
    const { errors = [], ...members } = plan.method === "HEAD" ? {} : jsonOf(answer);
    const same = JSON.stringify(members) === JSON.stringify(plan.method === "HEAD" ? {} : await named.toResponse().json());
    if (answer.status !== named.status || !same) fail("another problem");
    if (!["", "code,detail,status,title,type"].includes(Object.keys(members).join())) fail("a member too many");
    if (answer.headers.get("content-type") !== "application/problem+json") fail("the wrong media type");
    if ((code === "payload_invalid") !== errors.length > 0) fail("errors");
    for (const { pointer, detail } of errors) if (!POINTER.test(pointer) || !DETAIL.test(detail)) fail("an odd error");
  }
}
