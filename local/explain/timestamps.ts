import { TIMESTAMP_TOLERANCE_SECONDS } from "../sender/main-app.ts";
import type { Finding, Trial } from "./signed-forms.ts";

const HOUR_SECONDS = 3600;
const MAX_HOURS = 14;

/** The texts that the sender may have signed before the body. */
export function timestampTrials(timestamp: string): Trial<string>[] {
  const trials: Trial<string>[] = [{ value: `${timestamp}.` }];
  const fix = "Sign X-Timestamp exactly as it is sent, then a dot, then the body.";
  const add = (value: string, code: string, what: string) => {
    if (!trials.some((trial) => trial.value === value)) trials.push({ value, finding: { code, what, fix } });
  };
  add("", "without-timestamp", "the body alone was signed, without the timestamp");
  add(timestamp, "without-dot", "the timestamp and the body were signed without a dot between them");
  if (/^\d{13}$/.test(timestamp))
    add(`${timestamp.slice(0, -3)}.`, "other-timestamp", "seconds were signed, and milliseconds sent");
  if (/^\d{10}\.\d+$/.test(timestamp))
    add(`${timestamp.slice(0, 10)}.`, "other-timestamp", "whole seconds were signed, and a fraction sent");
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
