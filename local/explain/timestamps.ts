import { TIMESTAMP_TOLERANCE_SECONDS } from "../sender/main-app.ts";
import type { Finding, Peer, Trial } from "./trial.ts";

const HOUR_SECONDS = 3600;
const MAX_HOURS = 14;

/** What is signed around the body. */
export interface Joined {
  readonly before: string;
  readonly after: string;
}

/** The ways to join the timestamp and the body that the peer may use. */
export function joinTrials(timestamp: string, peer: Peer): Trial<Joined>[] {
  const trials: Trial<Joined>[] = [{ value: { before: `${timestamp}.`, after: "" } }];
  const fix = "The HMAC covers X-Timestamp exactly as it is sent, then a dot, then the raw body.";
  const add = (code: string, what: string, before: string, after = "") =>
    void trials.push({ value: { before, after }, finding: { code, what: `the ${peer} signs ${what}`, fix } });
  add("without-timestamp", "the body alone, without the timestamp", "");
  add("without-dot", "the timestamp and the body without a dot between them", timestamp);
  add("other-order", "the body, a dot, and then the timestamp", "", `.${timestamp}`);
  add("other-order", "the body and then the timestamp, without a dot between them", "", timestamp);
  add("other-separator", "the timestamp and the body with a colon between them", `${timestamp}:`);
  add("other-separator", "v0, the timestamp and the body with colons between them (Slack's form)", `v0:${timestamp}:`);
  add("other-separator", "the timestamp and the body with a line end between them", `${timestamp}\n`);
  if (/^\d{13}$/.test(timestamp))
    add("other-timestamp", "seconds, although X-Timestamp has milliseconds", `${timestamp.slice(0, -3)}.`);
  if (/^\d{10}\.\d+$/.test(timestamp))
    add("other-timestamp", "whole seconds, although X-Timestamp has a fraction", `${timestamp.slice(0, 10)}.`);
  return trials;
}

/** The faults of a timestamp: of its form, and against the clock. */
export function timestampFindings(timestamp: string, receivedAt: number): Finding[] {
  if (/^\d{13}$/.test(timestamp)) {
    return [
      {
        code: "milliseconds",
        what: "X-Timestamp is in milliseconds",
        fix: "Send Unix seconds: divide by 1000 and drop the fraction.",
      },
    ];
  }
  if (!/^\d{1,12}$/.test(timestamp)) {
    return [
      {
        code: "timestamp-malformed",
        what: "X-Timestamp is not 1 to 12 decimal digits",
        fix: "Send Unix seconds, digits only.",
      },
    ];
  }
  const age = receivedAt - Number(timestamp);
  if (Math.abs(age) <= TIMESTAMP_TOLERANCE_SECONDS) return [];
  const hours = Math.round(age / HOUR_SECONDS);
  const away = `${Math.abs(age)} s ${age > 0 ? "before" : "after"} the time of receipt`;
  if (hours !== 0 && Math.abs(hours) <= MAX_HOURS && Math.abs(age - hours * HOUR_SECONDS) <= TIMESTAMP_TOLERANCE_SECONDS) {
    const what = `X-Timestamp is ${Math.abs(hours)} h ${age > 0 ? "behind" : "ahead"} (${away}): whole hours, as if a local time was taken for UTC`;
    return [
      {
        code: "time-zone",
        what,
        fix: "Take the Unix time from a clock in UTC (time.time(), Date.now()), not from a local date.",
      },
    ];
  }
  const fix =
    "Set both clocks (NTP), and look for a queue that delays requests. Or the request is a replay, or --at is not its time of arrival.";
  return [{ code: "stale", what: `X-Timestamp is ${away}, and ${TIMESTAMP_TOLERANCE_SECONDS} s are allowed`, fix }];
}
