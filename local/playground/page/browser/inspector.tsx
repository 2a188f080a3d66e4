import { useRef, useState } from "hono/jsx/dom";
import { BREAKS, type ExchangeDetails } from "../protocol.ts";
import { duration, when } from "./format.ts";
import { RequestTab } from "./inspector/request.tsx";
import { ResponseTab } from "./inspector/response.tsx";
import { SignatureTab } from "./inspector/signature.tsx";
import { StreamTab } from "./inspector/stream.tsx";
import { TimingTab } from "./inspector/timing.tsx";
import type { Model } from "./model.ts";
import { Dot, endingOf, Words } from "./verdict.tsx";

const TABS = {
  Request: RequestTab,
  Signature: SignatureTab,
  Response: ResponseTab,
  Stream: StreamTab,
  Timing: TimingTab,
} as const;
type TabName = keyof typeof TABS;
const NAMES = Object.keys(TABS) as TabName[];
const ROUTES = {
  stream: "Streamed reply",
  run: "Reply through /run",
  test: "Test webhook",
  passed: "From the main app",
} as const;

/** Everything about one request. */
export function Inspector({ model: { selected, details } }: { model: Model }) {
  const [tab, setTab] = useState<TabName>("Request");
  return (
    <aside class="pane inspector" aria-label="Inspector">
      {details ? (
        <>
          <Summary key="summary" details={details} />
          <Tabs key="tabs" tab={tab} warnings={details.warnings.length} onTab={setTab} />
          <TabPanel key={`${tab} ${details.id}`} tab={tab} details={details} />
        </>
      ) : (
        <header key="none" class="summary">
          <h2>Inspector</h2>
          <p class="faint">
            {selected
              ? "Loading…"
              : "Here you will see the request: what was sent, how it was signed, what came back, and when."}
          </p>
        </header>
      )}
    </aside>
  );
}

function Summary({ details }: { details: ExchangeDetails }) {
  const { route, at, status, state, ms } = details;
  return (
    <header class="summary">
      <h2>
        <Dot ending={endingOf(details)} />
        {details.break ? BREAKS[details.break] : ROUTES[route]}
        <small>
          {[status ?? (state === "running" ? "running" : "no answer"), ms !== null && duration(ms), when(at)]
            .filter(Boolean)
            .join(" · ")}
        </small>
      </h2>
      <Words exchange={details} />
    </header>
  );
}

function Tabs({ tab, warnings, onTab }: { tab: TabName; warnings: number; onTab: (tab: TabName) => void }) {
  const list = useRef<HTMLDivElement>(null);
  const onKey = (event: KeyboardEvent) => {
    const at = NAMES.indexOf(tab);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
    const name = to === undefined ? undefined : NAMES.at(to % NAMES.length);
    if (!name) return;
    event.preventDefault();
    onTab(name);
    list.current?.querySelector<HTMLElement>(`#tab-${name}`)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label="About this request" ref={list} onKeyDown={onKey}>
      {NAMES.map((name) => (
        <button
          key={name}
          type="button"
          role="tab"
          id={`tab-${name}`}
          aria-selected={name === tab ? "true" : "false"}
          aria-controls="tab-panel"
          tabindex={name === tab ? 0 : -1}
          onClick={() => onTab(name)}
        >
          {name}
          {name === "Stream" && warnings > 0 && (
            <span class="count">
              {warnings}
              <span class="sr"> warnings</span>
            </span>
          )}
        </button>
      ))}
    </div>
  );
}

function TabPanel({ tab, details }: { tab: TabName; details: ExchangeDetails }) {
  const Content = TABS[tab];
  return (
    // It scrolls, so the keyboard must reach it
    <div class="scroll panel" role="tabpanel" id="tab-panel" aria-labelledby={`tab-${tab}`} tabindex={0}>
      <Content details={details} />
    </div>
  );
}
