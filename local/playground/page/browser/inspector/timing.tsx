import type { ExchangeDetails } from "../../protocol.ts";
import { duration } from "../format.ts";

/** The two times that the main app limits are bars, which are full at its limit. */
export function TimingTab({ details: { timing, state } }: { details: ExchangeDetails }) {
  const { firstByteMs, longestSilenceMs, totalMs, limitMs } = timing;
  return (
    <>
      <dl class="timing">
        <Row name="First byte" ms={firstByteMs} limit={limitMs} />
        <Row name="Longest silence" ms={longestSilenceMs} limit={limitMs} />
        <Row name={state === "running" ? "So far" : "Total"} ms={totalMs} limit={null} />
      </dl>
      <p class="faint">
        {limitMs !== null && `A full bar is ${limitMs / 1000} s: after as much silence, the main app gives up. `}The total has
        no limit, as long as something comes: in a stream, a comment such as <code>: ping</code> is enough.
      </p>
    </>
  );
}

function Row({ name, ms, limit }: { name: string; ms: number | null; limit: number | null }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {ms === null ? "none" : duration(ms)}
        {limit !== null && limit > 0 && <meter min={0} max={limit} value={Math.min(ms ?? 0, limit)} aria-label={name} />}
      </dd>
    </div>
  );
}
