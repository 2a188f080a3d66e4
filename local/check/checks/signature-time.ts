import { setTimeout as sleep } from "node:timers/promises";
import { NOW, type OutgoingRequest, signedAgain, withHeader } from "../../sender/outgoing-request.ts";
import type { Check } from "../check.ts";
import { A_REPLY, expectRefused, replyOf, statusOf } from "../expect.ts";
import { REFUSED, refuses } from "./refusal.ts";

const TOLERANCE = "Answer 401 if X-Timestamp is over 300 s from the clock, either way.";
export const COVERS = "Verify X-Timestamp, a dot and the raw body: a signature over the body alone can be replayed forever.";
const timed = (request: OutgoingRequest, time: string) => signedAgain(request, { time });

export const signatureTime: readonly Check[] = [
  refuses({
    id: "S06",
    name: "refuses a changed timestamp",
    risk: "repeat a captured message for ever, with a new timestamp",
    sends: "a message whose X-Timestamp is not the one that was signed",
    fix: COVERS,
    requests: 1,
    variants: (request) => {
      const signed = signedAgain(request, { offset: -10 });
      const later = String(Math.floor(Date.now() / 1000));
      return [["X-Timestamp changed after signing", withHeader(signed, "X-Timestamp", later)]];
    },
  }),
  refuses({
    id: "S07",
    name: "refuses a message 301 s old",
    risk: "repeat a captured message at any time",
    sends: "correctly signed messages with a timestamp 301 s, an hour and a day ago, and with the timestamp 0",
    fix: TOLERANCE,
    requests: 4,
    variants: (request) => [
      ["timestamp 301 s ago", signedAgain(request, { offset: -301 })],
      ["timestamp an hour ago", signedAgain(request, { offset: -3600 })],
      ["timestamp a day ago", signedAgain(request, { offset: -86_400 })],
      ["timestamp 0", timed(request, "0")],
    ],
  }),
  {
    id: "S08",
    level: "MUST",
    follows: "S04",
    name: "refuses a message 301 s ahead",
    risk: "store a message that is signed ahead, and send it much later",
    sends: "correctly signed messages with a timestamp 301 s, an hour and 2^32 s in the future",
    expects: REFUSED,
    fix: TOLERANCE,
    requests: 4,
    needs: ["secret"],
    async run(webhook) {
      const ahead = (offset: number) => webhook.send(signedAgain(webhook.textRequest("hello"), { offset }));
      let nearest = await ahead(301);
      if (statusOf(nearest) === 200) {
        // A new second may have begun before the webhook looked at its clock. Try again at the start of a second.
        await sleep(Math.min(1000 - (Date.now() % 1000), webhook.deadline.leftMs));
        nearest = await ahead(301);
      }
      expectRefused(nearest);
      expectRefused(await ahead(3600), { sent: "timestamp an hour ahead" });
      expectRefused(await ahead(2 ** 32), { sent: "timestamp 2^32 s ahead" });
    },
  },
  {
    id: "S09",
    level: "MUST",
    name: "accepts a clock that is 290 s off",
    sends: "correctly signed messages with timestamps 290 s ago and 290 s ahead",
    expects: A_REPLY,
    fix: "Allow 300 s in both directions, in whole seconds. Check the webhook's own clock.",
    requests: 2,
    needs: ["secret"],
    async run(webhook) {
      for (const offset of [-290, 290]) replyOf(await webhook.send(signedAgain(webhook.textRequest("hello"), { offset })));
    },
  },
  refuses({
    id: "S11",
    name: "refuses malformed timestamps",
    risk: "get past the time limit",
    sends:
      "correctly signed timestamps: empty, like 1e9, in hex, with a fraction, a sign or a space, in ms, with 400 digits, in other digits",
    fix: "Answer 401 unless X-Timestamp matches ^[0-9]{1,12}$ (ASCII), then make it a number.",
    requests: 10,
    variants: (request) => [
      ["X-Timestamp empty", timed(request, "")],
      ["X-Timestamp with an exponent", timed(request, `${NOW}e0`)],
      ["X-Timestamp in hex", timed(request, `0x${Math.floor(Date.now() / 1000).toString(16)}`)],
      ["X-Timestamp with a fraction", timed(request, `${NOW}.5`)],
      ["X-Timestamp with a plus", timed(request, `+${NOW}`)],
      ["X-Timestamp with a minus", timed(request, `-${NOW}`)],
      ["X-Timestamp with a space inside", timed(request, `${NOW} 0`)],
      ["X-Timestamp in milliseconds", timed(request, `${NOW}000`)],
      ["X-Timestamp with 400 digits", timed(request, `${"0".repeat(390)}${NOW}`)],
      ["X-Timestamp in Arabic-Indic digits", timed(request, arabicIndic(Math.floor(Date.now() / 1000)))],
    ],
  }),
];
function arabicIndic(seconds: number): string {
  return String(seconds).replace(/\d/g, (digit) => String.fromCharCode(0x660 + Number(digit)));
}
