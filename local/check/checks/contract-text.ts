import { Broken } from "../broken.ts";
import type { Check } from "../check.ts";
import { replyOf } from "../expect.ts";
import type { Sent } from "../webhook.ts";
import { LONG_LINE_END, LONG_LINES, longReply } from "./stream-requests.ts";
import { brokenEncoding, changedKinds, EVERY_KIND } from "./text-kinds.ts";

export const KEEP_TEXT = "Decode the body as UTF-8, encode the answer as UTF-8, and do not change the text.";
export const EVERY_KIND_IN_WORDS =
  "accents, emoji, Chinese, invisible characters, quotes, markup, percent signs, backslashes, white space and line ends of every kind";

/** Throws {@link Broken} if `received` does not contain the text of every kind. */
export function expectUnchanged(received: string, sent: Sent): void {
  if (received.includes(EVERY_KIND)) return;
  const encoding = brokenEncoding(received);
  const changed = `${encoding ?? `changed: ${changedKinds(received).join(", ")}`}: ${sent.quote(JSON.stringify(received))}`;
  throw new Broken(changed, { by: sent, ...(encoding && { level: "MUST" as const }) });
}

export const contractText: readonly Check[] = [
  {
    id: "C13",
    level: "SHOULD",
    name: "returns the text unchanged, if it is an echo",
    sends: EVERY_KIND_IN_WORDS,
    expects: "the same text in the reply; MUST: no mojibake and no U+FFFD or ? for a character",
    fix: KEEP_TEXT,
    requests: 1,
    needs: ["echo"],
    async run(webhook) {
      const sent = await webhook.send(webhook.rawTextRequest(EVERY_KIND));
      expectUnchanged(replyOf(sent), sent);
    },
  },
  {
    id: "C17",
    level: "SHOULD",
    name: "returns a long text in full, if it is an echo",
    sends: "a text of 90 kB",
    expects: "the whole text in the reply: the main app stores replies of 10 MB",
    fix: "Do not cut a reply: the main app has no limit for its length.",
    requests: 1,
    needs: ["echo"],
    async run(webhook) {
      const sent = await longReply(webhook);
      const reply = replyOf(sent);
      // Only whether it was cut: another check looks at changed characters.
      if (reply.split(LONG_LINE_END).length <= LONG_LINES)
        throw new Broken(`a reply of ${reply.length} characters`, { by: sent });
    },
  },
];
