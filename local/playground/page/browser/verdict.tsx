import type { ExchangeView } from "../protocol.ts";
import { Icon } from "./icons.tsx";

type Ending = Pick<ExchangeView, "route" | "verdict">;
const ICONS = { running: null, good: "stored", forgotten: "forgotten", failed: "failed" } as const;

const PLACES = {
  stream: "In the main app’s chat",
  passed: "In the main app’s chat",
  run: "In the main app",
  test: "The dashboard’s Test button shows",
} as const;

/** How it ended, in one word: a broken message that was refused as it should be is good, and so is a test that passed. */
export function endingOf({ route, verdict }: Ending): keyof typeof ICONS {
  if (!verdict) return "running";
  if (verdict.expected) return verdict.expected.held ? "good" : "failed";
  if (verdict.kind === "failed") return "failed";
  return verdict.kind === "stored" || route === "test" ? "good" : "forgotten";
}

export function Dot({ ending }: { ending: keyof typeof ICONS }) {
  const icon = ICONS[ending];
  return <span class={`dot ${ending}`}>{icon && <Icon name={icon} />}</span>;
}

/**
 * What happened, and what the person in the main app's chat would have seen. `brief` leaves out what is as it should be: the
 * chat is about the others.
 */
export function Words({ exchange: { route, verdict }, brief = false }: { exchange: Ending; brief?: boolean }) {
  if (!verdict) return null;
  const { expected, what, realChat } = verdict;
  const told = expected && <span class={expected.held ? "held" : "not-held"}>{expected.what}</span>;
  // The rest repeats it.
  if (brief && expected?.held) return told;
  const repeats = expected !== undefined && verdict.kind !== "stored";
  return (
    <>
      {told}
      {!repeats && <span class="what">{what}</span>}
      {!(brief && verdict.kind === "stored") && (
        <span class="real">
          <b>{PLACES[route]}</b> {realChat}
        </span>
      )}
    </>
  );
}
