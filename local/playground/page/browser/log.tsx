import { memo, useEffect, useLayoutEffect, useMemo, useRef, useState } from "hono/jsx/dom";
import { BREAKS, type ExchangeView, MAIN_APP, type MessageView } from "../protocol.ts";
import { inspect } from "./actions.ts";
import { duration } from "./format.ts";
import { Icon } from "./icons.tsx";
import { showText } from "./live-text.ts";
import type { OpenThread } from "./model.ts";
import { loadOlder } from "./open.ts";
import { blocksOf, type Part, type Turn, turnsOf } from "./turns.ts";
import { Dot, endingOf, Words } from "./verdict.tsx";

/** The messages of a thread, oldest first. It stays at the end, unless somebody has scrolled up. */
export function Log({ thread, selected }: { thread: OpenThread; selected: string | null }) {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const stuck = useRef(true);
  const first = useRef<{ id: string | undefined; height: number }>({ id: undefined, height: 0 });
  const [behind, setBehind] = useState(false);
  const { messages, exchanges } = thread;
  const blocks = useMemo(() => blocksOf(turnsOf(messages, exchanges)), [messages, exchanges]);
  const toEnd = () => {
    const box = scroller.current;
    if (box) box.scrollTop = box.scrollHeight;
  };

  useLayoutEffect(() => {
    const box = scroller.current;
    const inner = content.current;
    if (!box || !inner) return;
    const observer = new ResizeObserver(() => stuck.current && toEnd());
    observer.observe(inner);
    observer.observe(box);
    const onScroll = () => {
      stuck.current = box.scrollHeight - box.scrollTop - box.clientHeight < 48;
      setBehind(!stuck.current);
      if (box.scrollTop < 600) void loadOlder();
    };
    box.addEventListener("scroll", onScroll, { passive: true });
    return () => observer.disconnect();
  }, []);

  // Older messages come in above: what is being read stays where it is.
  const firstId = messages[0]?.id;
  useLayoutEffect(() => {
    const box = scroller.current;
    if (!box) return;
    const { id, height } = first.current;
    if (id !== undefined && id !== firstId && !stuck.current) box.scrollTop += box.scrollHeight - height;
    first.current = { id: firstId, height: box.scrollHeight };
  });

  // Whoever sends a message wants to see it.
  const lastOwn = messages.findLast(({ role }) => role === "user")?.id;
  useLayoutEffect(() => {
    if (thread.id === MAIN_APP && !stuck.current) return;
    stuck.current = true;
    toEnd();
  }, [lastOwn]);

  return (
    <div class="log">
      {/* It scrolls, so the keyboard must reach it */}
      <div class="scroll" ref={scroller} tabindex={0} role="log" aria-label="Messages">
        <div class="turns" ref={content}>
          {blocks.map(([number, block]) => (
            <Block key={number} turns={block} selected={isIn(block, selected) ? selected : null} />
          ))}
        </div>
      </div>
      {behind && (
        <button type="button" class="to-end" onClick={toEnd}>
          <Icon name="down" />
          Newest
        </button>
      )}
    </div>
  );
}

const isIn = (turns: readonly Turn[], exchange: string | null) =>
  turns.some(({ parts }) => parts.some((part) => part.exchange?.id === exchange));

interface BlockProps {
  turns: readonly Turn[];
  selected: string | null;
}

/**
 * Thousands of turns may be there when one changes: only its block is drawn again. A block that has been drawn once is
 * left out while it is out of sight, and keeps its height.
 */
const Block = memo(
  ({ turns, selected }: BlockProps) => {
    const block = useRef<HTMLDivElement>(null);
    useEffect(() => block.current?.classList.add("drawn"), []);
    return (
      <div class="block" ref={block}>
        {turns.map(({ key, message, parts }) => (
          <div key={key} class="turn">
            {message && <Bubble message={message} />}
            {parts.map((part) => (
              <PartRow key={part.exchange?.id ?? "stored"} part={part} selected={part.exchange?.id === selected} />
            ))}
          </div>
        ))}
      </div>
    );
  },
  (one, other) =>
    one.selected === other.selected &&
    one.turns.length === other.turns.length &&
    one.turns.every((turn, index) => sameTurn(turn, other.turns[index])),
);

const sameTurn = (one: Turn, other: Turn | undefined) =>
  other !== undefined &&
  one.message === other.message &&
  one.parts.length === other.parts.length &&
  one.parts.every(({ exchange, replies }, index) => {
    const part = other.parts[index];
    return (
      exchange === part?.exchange &&
      replies.length === part?.replies.length &&
      replies.every((reply, at) => reply === part?.replies[at])
    );
  });

function Bubble({ message: { role, content, source } }: { message: MessageView }) {
  return (
    <div class={`message ${role} ${source === "system" ? "greeting" : ""}`}>
      {source === "system" ? (
        <small>The main app’s greeting</small>
      ) : (
        <span class="sr">{role === "user" ? "You:" : "Webhook:"}</span>
      )}
      <p dir="auto">{content}</p>
    </div>
  );
}

/** While a stream runs, the stored message is not shown: the main app's chat fetches it after the end too. */
function PartRow({ part: { exchange, replies }, selected }: { part: Part; selected: boolean }) {
  if (!exchange)
    return (
      <>
        {replies.map((reply) => (
          <Bubble key={reply.id} message={reply} />
        ))}
      </>
    );
  const running = exchange.state === "running";
  const kind = exchange.verdict?.kind;
  const ghost = !running && exchange.text !== "" && (kind !== "stored" || replies.length === 0);
  return (
    <>
      {running && <LiveText key="live" exchange={exchange.id} />}
      {ghost && (
        <div key="ghost" class={`message assistant ${kind === "stored" ? "" : "ghost"}`}>
          <span class="sr">{kind === "stored" ? "Webhook:" : "Shown, and not stored:"}</span>
          <p dir="auto">{exchange.text}</p>
        </div>
      )}
      {!running && replies.map((reply) => <Bubble key={reply.id} message={reply} />)}
      <Outcome key="outcome" exchange={exchange} selected={selected} />
    </>
  );
}

function LiveText({ exchange }: { exchange: string }) {
  const box = useRef<HTMLParagraphElement>(null);
  useLayoutEffect(() => {
    if (box.current) showText(exchange, box.current);
  }, []);
  return (
    <div class="message assistant live" aria-busy="true">
      <span class="sr">Webhook:</span>
      <p dir="auto" ref={box} />
    </div>
  );
}

/** The state of a message: one quiet line if all went well, and what the real chat would have shown if not. */
function Outcome({ exchange, selected }: { exchange: ExchangeView; selected: boolean }) {
  const { id, verdict, route, status, ms } = exchange;
  const ending = endingOf(exchange);
  return (
    <button
      type="button"
      class={`outcome ${ending} ${(ending === "good" && !exchange.break) || ending === "running" ? "" : "card"}`}
      aria-pressed={selected ? "true" : "false"}
      title="Inspect this request"
      onClick={() => inspect(id)}
    >
      <Dot ending={ending} />
      <span class="words">
        {exchange.break && <span class="broke">{BREAKS[exchange.break]}</span>}
        {verdict ? (
          <Words exchange={exchange} brief />
        ) : (
          <span>{status === null ? "Waiting for the webhook…" : "Streaming…"}</span>
        )}
      </span>
      <span class="tag">
        {[route === "run" && "/run", status, verdict && ms !== null && duration(ms)].filter(Boolean).join(" · ")}
        <Icon name="open" />
      </span>
    </button>
  );
}
