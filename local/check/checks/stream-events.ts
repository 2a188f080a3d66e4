import { answerHeader, failureText } from "../../http/exchange.ts";
import { PATIENCE_MS } from "../../sender/main-app.ts";
import { Broken } from "../broken.ts";
import type { Check } from "../check.ts";
import { dataObject, readAt, type StreamEvent } from "../stream-reading.ts";
import { E01_FIX, type Stream, shortStream } from "./stream-requests.ts";

/** The only status after which the dashboard fetches the stored message (observed). */
const COMPLETED = "completed";
const SENDS = "a plain message to the stream URL";

interface StreamCheck extends Pick<Check, "id" | "level" | "name" | "expects" | "fix"> {
  readonly inspect: (stream: Stream) => void;
}

/** A check that inspects the stream for the plain message. */
function streamCheck({ inspect, ...check }: StreamCheck): Check {
  return {
    ...check,
    sends: SENDS,
    requests: 1,
    needs: ["stream"],
    async run(webhook) {
      inspect(await shortStream(webhook));
    },
  };
}

export const streamEvents: readonly Check[] = [
  streamCheck({
    id: "E01",
    level: "MUST",
    name: "answers with an event stream",
    expects: "200 and Content-Type: text/event-stream",
    fix: E01_FIX,
    inspect: () => {},
  }),
  streamCheck({
    id: "E02",
    level: "MUST",
    name: "is never silent for 8 s",
    expects: "the first byte, and each next one, within 8 s",
    fix: "Write a heartbeat (a line that starts with a colon, then an empty line) at once, and every 5 s while there is no text.",
    inspect: (sent) => {
      const silence = Math.round(sent.longestSilenceMs);
      if (silence >= PATIENCE_MS) throw new Broken(`${silence} ms without a byte`, { by: sent });
    },
  }),
  streamCheck({
    id: "E03",
    level: "MUST",
    name: "ends with done",
    expects: "a done event with JSON data as the last event, then the end",
    fix: 'End every stream with event: done and data: {"status":"completed"}: without data, done is ignored and the chat waits forever.',
    inspect: (sent) => {
      const last = sent.events.at(-1);
      if (sent.failure)
        throw new Broken(`${sent.events.length} events, then ${failureText(sent.failure, sent.quote)}`, { by: sent });
      if (last?.type !== "done")
        throw new Broken(`the last event is ${last ? sent.quote(last.type) : "missing"}`, { by: sent });
      if (!dataObject(last)) throw new Broken(`done with the data ${sent.quote(last.data) || "(none)"}`, { by: sent });
    },
  }),
  streamCheck({
    id: "E05",
    level: "MUST",
    name: "writes events that the dashboard can read",
    expects: "only \\n as line end; one data line per event, with a JSON object; in a delta, text is a string",
    fix: "Write each event as event: NAME, \\n, data: JSON on one line, \\n\\n. The dashboard cannot read \\r\\n or a second data line.",
    inspect: (sent) => {
      if (sent.answer.body.includes(0x0d)) throw new Broken("\\r in the stream", { by: sent });
      const named = ({ type }: StreamEvent) => `an event ${sent.quote(type)}`;
      for (const event of sent.events) {
        const value = dataObject(event);
        if (event.dataLines !== 1) throw new Broken(`${named(event)} with ${event.dataLines} data lines`, { by: sent });
        if (!value) throw new Broken(`${named(event)} with the data ${sent.quote(event.data) || "(none)"}`, { by: sent });
        if (event.type === "delta" && typeof value.text !== "string") {
          throw new Broken(`a delta without a text: ${sent.quote(event.data)}`, { by: sent });
        }
      }
    },
  }),
  streamCheck({
    id: "E11",
    level: "SHOULD",
    name: "tells proxies not to cache or change the stream",
    expects: "Cache-Control with no-cache and no-transform",
    fix: "Send Cache-Control: no-cache, no-transform with the stream.",
    inspect: (sent) => {
      const control = answerHeader(sent, "cache-control").toLowerCase();
      if (!control.includes("no-cache") || !control.includes("no-transform")) {
        throw new Broken(control ? `Cache-Control: ${sent.quote(control)}` : "no Cache-Control", { by: sent });
      }
    },
  }),
  streamCheck({
    id: "E12",
    level: "SHOULD",
    name: "says where the reply was stored",
    expects: "done with the status completed, message_id and seq",
    fix: "Store the reply through the Partner API before done, and give its id and seq: without them, the dashboard forgets the text.",
    inspect: (sent) => {
      const done = sent.events.findLast(({ type }) => type === "done");
      const value = (done && dataObject(done)) ?? {};
      const missing = ["status", "message_id", "seq"].filter(
        (name) => value[name] === undefined || value[name] === null || value[name] === "",
      );
      if (missing.length > 0) throw new Broken(`done without ${missing.join(", ")}`, { by: sent });
      if (typeof value.message_id !== "string" || !Number.isInteger(value.seq)) {
        const came = `done with message_id ${JSON.stringify(value.message_id)} and seq ${JSON.stringify(value.seq)}`;
        throw new Broken(sent.quote(came), { by: sent });
      }
      if (value.status !== COMPLETED) {
        const fix = `Give done the status ${COMPLETED}: after any other, the dashboard forgets the text.`;
        throw new Broken(`done with the status ${sent.quote(String(value.status))}`, { by: sent, fix });
      }
    },
  }),
  streamCheck({
    id: "E13",
    level: "SHOULD",
    name: "sends done alone",
    expects: "done in a later read than the last delta",
    fix: "Wait 100 ms between the last delta and done: in one read with other events, done can be lost. Then the chat hangs.",
    inspect: (sent) => {
      const done = sent.events.findLastIndex(({ type }) => type === "done");
      const before = sent.events[done - 1];
      if (done < 1 || !before) return;
      const { pieces } = sent.answer;
      if (readAt(pieces, before.end) === readAt(pieces, (sent.events[done] as StreamEvent).start + 1)) {
        throw new Broken(`done in the same read as the ${sent.quote(before.type)} before it`, { by: sent });
      }
    },
  }),
  streamCheck({
    id: "E14",
    level: "SHOULD",
    name: "tells the user of a failure in words",
    expects: "no error event for a message that was accepted",
    fix: "Send a failure as a delta with a sentence for the user, then done: the dashboard shows nothing for an error event.",
    inspect: (sent) => {
      const error = sent.events.find(({ type }) => type === "error");
      if (error) throw new Broken(`an error event: ${sent.quote(error.data)}`, { by: sent });
    },
  }),
];
