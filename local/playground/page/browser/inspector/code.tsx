import type { Child } from "hono/jsx";
import type { PropsWithChildren } from "hono/jsx/dom";
import { useState } from "hono/jsx/dom";
import { indented } from "../format.ts";

/** As much as a page can lay out at once. */
const SHOWN = 100_000;

/** Text of a request or an answer, as it is. */
export function Code({ text }: { text: string }) {
  return (
    <pre>
      {text.slice(0, SHOWN)}
      {text.length > SHOWN && <em>{`\n… and ${(text.length - SHOWN).toLocaleString("en")} more characters`}</em>}
    </pre>
  );
}

export function Part({ title, aside, children }: PropsWithChildren<{ title: string; aside?: Child }>) {
  return (
    <section class="part">
      <header>
        <h3>{title}</h3>
        {aside}
      </header>
      {children}
    </section>
  );
}

/** Whoever wants the bytes of one body wants those of the next one too. */
let asSent = false;

/** A body: with line breaks if it is JSON, or exactly as it went over the wire. */
export function Body({ title, text, note }: { title: string; text: string; note?: string }) {
  const [exact, setExact] = useState(asSent);
  const json = text.length <= SHOWN ? indented(text) : null;
  const toggle = json !== null && json !== text && (
    <button
      type="button"
      class="small"
      aria-pressed={exact ? "true" : "false"}
      onClick={() => {
        asSent = !exact;
        setExact(asSent);
      }}
    >
      As sent
    </button>
  );
  return (
    <Part title={title} aside={toggle}>
      {text ? <Code text={exact ? text : (json ?? text)} /> : <p class="faint">Empty</p>}
      {note && <p class="faint">{note}</p>}
    </Part>
  );
}
