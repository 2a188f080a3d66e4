import { llm } from "../../shared/replies/llm.ts";
import type { Reply } from "../../shared/reply-types.ts";

const WORDS = 10_000;
/** How generators ended after a hang-up, by the app id of their request. */
const endings = new Map<string, string[]>();

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A word every 300 ms for 20 s, with a pause of `pauseMs` in the middle. */
async function* words(pauseMs: number): AsyncGenerator<string> {
  const count = Math.floor((20_000 - pauseMs) / 300);
  for (let i = 1; i <= count; i++) {
    await wait(300);
    if (i === Math.floor(count / 2)) await wait(pauseMs);
    yield `word${i} `;
  }
}

/** A slow, long or broken reply for the tests. The message names which. */
export const scripted: Reply = (context) => {
  const { message, app, signal } = context;
  if (message.content === "words") return words(0);
  if (message.content === "pause") return words(12_000);
  if (message.content === "burst") return burst();
  if (message.content === "8 megabytes") return "é".repeat(4_000_000);
  if (message.content === "megabyte") return "é".repeat(500_000);
  if (message.content === "endings") return JSON.stringify(endings.get(app.id) ?? []);
  if (message.content === "llm") return llm(context);
  if (message.content === "slow json") return wait(20_000).then(() => "after 20 s");
  if (message.content === "soon") return wait(3000).then(() => "after 3 s");
  if (message.content === "never") return new Promise<string>(() => {});
  if (message.content === "forgotten rejection") {
    Promise.reject(new Error("nobody awaits this"));
    return "answered all the same";
  }
  if (message.content.startsWith("throw in a timer")) {
    const fail = () => {
      throw new Error("nobody catches this");
    };
    if (message.content.endsWith("again and again")) setInterval(fail, 50);
    else setTimeout(fail);
    return "answered before that";
  }
  if (message.content === "until hang-up") return untilHangUp(app.id, signal);
  throw new Error(`no script for this message`);
};

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
