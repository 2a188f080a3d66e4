import type { CheckView } from "../protocol.ts";
import { runChecks, stopChecks } from "./actions.ts";
import { IconButton } from "./icons.tsx";
import { type Checks, change } from "./model.ts";
import { Dot } from "./verdict.tsx";

const ORDER = ["fail", "warn", "skip", "pass"] as const;
const TITLES = { fail: "Fail", warn: "Warn", skip: "Skipped", pass: "Pass" } as const;

/** The checks of `npx replyhook check`, as they come in. */
export function ChecksPanel({ url, results, count, summary, passed }: Checks) {
  const running = summary === null;
  const byOutcome = Map.groupBy(results, ({ outcome }) => outcome);
  return (
    <aside class="pane inspector" aria-label="Checks">
      <header class="summary">
        <h2>
          <Dot ending={running ? "running" : passed ? "good" : "failed"} />
          All checks
          <IconButton icon="close" label="Close the checks" onClick={() => change({ panel: "exchange", view: "chat" })} />
        </h2>
        <p class="url">{url}</p>
        <p role="status">{summary ?? (count === 0 ? "Starting…" : `${results.length} of ${count}`)}</p>
        {running && <p class="faint">Hundreds of requests, some of them hostile, as npx replyhook check sends them.</p>}
        {running ? (
          <>
            <progress aria-label="Progress of the checks" max={count || 1} value={results.length} />
            <button type="button" onClick={stopChecks}>
              Stop
            </button>
          </>
        ) : (
          <button type="button" onClick={runChecks}>
            Run again
          </button>
        )}
      </header>
      {/* It scrolls, so the keyboard must reach it */}
      <section class="scroll panel" tabindex={0} aria-label="Results">
        {ORDER.map((outcome) => {
          const some = byOutcome.get(outcome);
          return some && <Group key={outcome} title={TITLES[outcome]} outcome={outcome} checks={some} />;
        })}
      </section>
    </aside>
  );
}

/** What passed or was skipped is folded: the rest is what there is to do. */
function Group({ title, outcome, checks }: { title: string; outcome: CheckView["outcome"]; checks: readonly CheckView[] }) {
  return (
    <details class={`results ${outcome}`} open={outcome === "fail" || outcome === "warn"}>
      <summary>
        {title} <span>{checks.length}</span>
      </summary>
      <ul>
        {checks.map(({ id, name, group, fix, came, reason }) => (
          <li key={id}>
            <p>{name}</p>
            {fix && <p class="fix">{fix}</p>}
            {came && <p class="faint">What came: {came}</p>}
            {reason && <p class="faint">{reason}</p>}
            <small>
              {group} · {id}
            </small>
          </li>
        ))}
      </ul>
    </details>
  );
}
