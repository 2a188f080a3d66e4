import { functionOf } from "../../shared/define-reply.ts";
import { echo } from "../../shared/replies/echo.ts";
import type { Reply, ReplyContext, ReplyResult } from "../../shared/reply-types.ts";

const WORDS = 10_000;
/** How generators ended after a hang-up, by the app id of their request. */
const endings = new Map<string, string[]>();

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A word every 300 ms, with a pause of `pauseMs` in the middle. */
async function* words(count: number, pauseMs = 0): AsyncGenerator<string> {
  for (let i = 1; i <= count; i++) {
    await wait(300);
    if (i === Math.floor(count / 2)) await wait(pauseMs);
    yield `word${i} `;
  }
}

/** Slow, long and broken replies. */
const SCRIPTS: Record<string, Reply> = {
  words: () => words(66),
  "ten words": () => words(10),
  pause: () => words(26, 12_000),
  burst: () => burst(),
  megabyte: () => "é".repeat(500_000),
  "8 megabytes": () => "é".repeat(4_000_000),
  "slow json": () => wait(20_000).then(() => "after 20 s"),
  soon: () => wait(3000).then(() => "after 3 s"),
  fail: () => {
    throw new Error("this reply fails");
  },
  never: () => new Promise<string>(() => {}),
  "until hang-up": ({ app, signal }) => untilHangUp(app.id, signal),
  count: countedRun,
  "long count": async (context) => `${await countedRun(context)} ${"x".repeat(300_000)}`,
  endings: ({ app }) => JSON.stringify(endings.get(app.id) ?? []),
  "forgotten rejection": () => {
    Promise.reject(new Error("nobody awaits this"));
    return "answered all the same";
  },
  "throw in a timer": () => {
    setTimeout(throwLate);
    return "answered before that";
  },
  "throw in a timer again and again": () => {
    setInterval(throwLate, 50);
    return "answered before that";
  },
};

/** The reply of the servers under test: an echo, the model for `model: …`, or the script that `script: words` names. */
export const testReply: Reply = (context) => {
  const { content } = context.message;
  if (content.startsWith("model: ")) return askModel(context);
  const script = content.startsWith("script: ") ? SCRIPTS[content.slice("script: ".length)] : undefined;
  return (script ?? echo)(context);
};

async function askModel(context: ReplyContext): Promise<ReplyResult> {
  // Imported only here: Netlify's local runtime loads the whole module again for each request.
  const { llm } = await import("../../shared/replies/llm.ts");
  return functionOf(llm(), context.env)(context);
}

function throwLate(): never {
  throw new Error("nobody catches this");
}

/** The number of this run of a message, by the counter of tests/support/counter.ts. */
async function countedRun({ env, message: { id = "" } }: ReplyContext): Promise<string> {
  const answer = await fetch(`${env.COUNTER_URL}${encodeURIComponent(id)}`);
  return `run ${await answer.text()}`;
}

async function* burst(): AsyncGenerator<string> {
  for (let i = 0; i < WORDS; i++) yield `w${i} `;
}

async function* untilHangUp(id: string, signal: AbortSignal): AsyncGenerator<string> {
  const seen: string[] = [];
  endings.set(id, seen);
  signal.addEventListener("abort", () => seen.push("aborted"));
  try {
    for (;;) {
      yield "word ";
      await wait(50);
    }
  } finally {
    seen.push("finally");
  }
}
