import { setTimeout as sleep } from "node:timers/promises";
import { type Behaviour, clean, correct } from "./base.ts";
import type { Defect } from "./defect.ts";

/** Streams with raw characters, in writes of the bytes that `cut` makes of all events. */
const rawWrites = (cut: (whole: Buffer) => Iterable<Uint8Array>, pauseMs = 1): Partial<Behaviour> => ({
  event: (type, data) => `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`,
  async stream(answer, reply) {
    answer.writeHead(200, this.streamHeaders);
    const events = textsOf(clean(reply), 70).map((text) => this.event("delta", { text }));
    for (const bytes of cut(Buffer.from(events.join("")))) {
      await new Promise<void>((resolve) => answer.write(bytes, () => setTimeout(resolve, pauseMs)));
    }
    await sleep(20);
    answer.end(this.event("done", { status: "completed" }));
  },
});

/** Streams one event for each of these texts. */
const eventsWith = (split: (reply: string) => Iterable<string>): Partial<Behaviour> => ({
  async stream(answer, reply) {
    answer.writeHead(200, this.streamHeaders);
    const write = (text: string) => new Promise<void>((resolve) => answer.write(text, () => setTimeout(resolve, 1)));
    for (const text of split(clean(reply))) await write(this.event("delta", { text }));
    await sleep(20);
    answer.end(this.event("done", { status: "completed" }));
  },
});

function textsOf(text: string, size: number): string[] {
  const characters = [...text];
  return Array.from({ length: Math.ceil(characters.length / size) }, (_, i) =>
    characters.slice(i * size, (i + 1) * size).join(""),
  );
}

function* piecesOf<T extends string | Buffer>(whole: T, size: number): Generator<T> {
  for (let at = 0; at < whole.length; at += size) yield whole.slice(at, at + size) as T;
}

export const cutStreamDefects: readonly Defect[] = [
  {
    caughtBy: "E06",
    mistake: "writes raw characters in blocks of 1000 bytes",
    changes: rawWrites((all) => piecesOf(all, 1000)),
  },
  {
    caughtBy: "E06",
    mistake: "writes raw characters in blocks of 4096 bytes",
    changes: rawWrites((all) => piecesOf(all, 4096)),
  },
  {
    caughtBy: "E15",
    mistake: "splits the text between the halves of a surrogate pair",
    changes: eventsWith((reply) => piecesOf(reply, 61)),
  },
  {
    caughtBy: "E15",
    mistake: "sends one UTF-16 unit in each delta of a long text",
    changes: eventsWith((reply) => (reply.length > 2000 ? piecesOf(reply, 17) : [reply])),
  },
  {
    caughtBy: "E06",
    mistake: "splits the text by bytes",
    changes: eventsWith(function* (reply) {
      for (const bytes of piecesOf(Buffer.from(reply), 200)) yield bytes.toString();
    }),
  },
  {
    caughtBy: "E06",
    mistake: "splits only a long text by bytes",
    changes: eventsWith(function* (reply) {
      for (const bytes of piecesOf(Buffer.from(reply), 900)) yield bytes.toString();
    }),
  },
  {
    caughtBy: "E06",
    mistake: "writes half characters of its own text, though it is no echo",
    changes: {
      ...eventsWith(function* (reply) {
        for (const bytes of piecesOf(Buffer.from(reply), 6)) yield bytes.toString();
      }),
      reply: () => "Schöne Grüße 😀 aus Köln",
    },
  },
  {
    caughtBy: "E04",
    mistake: "streams Latin-1",
    changes: {
      async stream(answer, reply) {
        const wrapped = { ...this, event: (type: string, data: object) => correct.event.call(correct, type, data) };
        await correct.stream.call(wrapped, answer, Buffer.from(reply).toString("latin1"));
      },
    },
  },
];
