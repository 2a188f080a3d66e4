import type { ExchangeDetails } from "../../protocol.ts";
import { duration } from "../format.ts";

export function TimingTab({ details: { timing, state } }: { details: ExchangeDetails }) {
  const { firstByteMs, longestSilenceMs, totalMs, limitMs } = timing;
  const most = Math.max(totalMs, 1);
  return (
    <>
      <dl class="timing">
        <Row name="First byte" ms={firstByteMs} most={most} />
        <Row name="Longest silence" ms={longestSilenceMs} most={most} />
        <Row name={state === "running" ? "So far" : "Total"} ms={totalMs} most={most} />
      </dl>
      <p class="faint">
        {limitMs !== null && `The main app gives up after ${limitMs / 1000} s without a byte. `}A stream may last longer, as
        long as something comes: a comment such as <code>: ping</code> is enough.
      </p>
    </>
  );
}

function Row({ name, ms, most }: { name: string; ms: number | null; most: number }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {ms === null ? "none" : duration(ms)}
        <meter min={0} max={most} value={Math.min(ms ?? 0, most)} aria-label={name} />
      </dd>
    </div>
  );
}
