import { useState } from "hono/jsx/dom";
import type { ExchangeDetails } from "../../protocol.ts";
import { decoded, duration } from "../format.ts";

const AT_ONCE = 100;

/** Each read from the network: when it came, its bytes, and what the main app's browser makes of it. */
export function StreamTab({ details: { reads, warnings } }: { details: ExchangeDetails }) {
  const [shown, setShown] = useState(AT_ONCE);
  return (
    <>
      {warnings.map((warning) => (
        <p key={warning} class="finding warned">
          {warning}
        </p>
      ))}
      <p class="faint">
        {reads.length === 0 ? "Nothing was read." : "Each read from the network, and what the main app’s chat does with it."}
      </p>
      <ol class="reads">
        {reads.slice(0, shown).map(({ atMs, bytes, makes }, index) => {
          const { text, length } = decoded(bytes);
          return (
            <li key={index}>
              <header>
                <time>{duration(atMs)}</time>
                <strong>{makes}</strong>
                <small>{length.toLocaleString("en")} bytes</small>
              </header>
              <pre>
                <Visible text={text} />
              </pre>
            </li>
          );
        })}
      </ol>
      {reads.length > shown && (
        <button type="button" onClick={() => setShown(shown + AT_ONCE * 5)}>
          {`Show more of ${reads.length.toLocaleString("en")}`}
        </button>
      )}
    </>
  );
}

/** Text with its invisible characters written out, since line ends decide what the main app's browser sees. */
function Visible({ text }: { text: string }) {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to show
  const pieces = text.split(/([\u0000-\u001f]+)/);
  return (
    <>
      {pieces.map((piece, index) =>
        index % 2 === 0 ? piece : <i key={index}>{piece.replace(/./gs, (one) => (one === "\n" ? "\\n\n" : escaped(one)))}</i>,
      )}
    </>
  );
}

const escaped = (control: string) => JSON.stringify(control).slice(1, -1);
