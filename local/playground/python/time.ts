const MICROSECONDS = 1_000_000;

/** Microseconds since the Unix epoch. */
export type Microseconds = number;

let calls = 0;

/** The wall clock. It has no microseconds, so a count takes their place: times of one millisecond differ, and are in order. */
export const microsecondsNow = (): Microseconds => Date.now() * 1000 + (calls++ % 1000);

/** As Python's `isoformat` writes a time in UTC: with microseconds, unless they are 0. */
export function isoTime(at: Microseconds, zone: "+00:00" | "Z" = "+00:00"): string {
  const fraction = at % MICROSECONDS;
  const seconds = new Date((at - fraction) / 1000).toISOString().slice(0, "2026-11-23T18:10:55".length);
  return `${seconds}${fraction === 0 ? "" : `.${String(fraction).padStart(6, "0")}`}${zone}`;
}

/** The time in a text that {@link isoTime} wrote. NaN if it is none. */
export function timeOf(iso: string): Microseconds {
  const [, seconds, fraction = ""] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{6}))?\+00:00$/.exec(iso) ?? [];
  return Date.parse(`${seconds}Z`) * 1000 + Number(fraction);
}
