/** What the reply logic says, the same on both sides of a comparison, by the text of the message. */
export type Script = "words" | "burst" | "held";

export const WORD_EVERY_MS = 20;
export const BURST_CHUNKS = 10_000;
const HELD_WORD_EVERY_MS = 1000;

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Pieces of a reply. `words` carry the time of their own `yield`, in milliseconds of the clock that is handed in. */
export async function* wordsOf(script: string, count: number, now: () => number): AsyncGenerator<string> {
  for (let index = 0; index < count; index++) {
    if (script === "burst") yield `w${index} `;
    else {
      await wait(script === "held" ? HELD_WORD_EVERY_MS : WORD_EVERY_MS);
      yield `${now().toFixed(3)} `;
    }
  }
}

/** The message that asks for `count` pieces of a script. */
export function messageFor(script: Script, count: number): string {
  return JSON.stringify({
    event: "message_received",
    app: { id: "app" },
    thread: { id: "thread" },
    message: { content: `${script} ${count}` },
  });
}

/** What {@link messageFor} asked for. */
export function askedFor(content: string): [script: string, count: number] {
  const [script = "", count] = content.split(" ");
  return [script, Number(count)];
}
