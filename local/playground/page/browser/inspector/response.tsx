import type { ExchangeDetails } from "../../protocol.ts";
import { Body, Code, Part } from "./code.tsx";

export function ResponseTab({ details: { response, state } }: { details: ExchangeDetails }) {
  if (!response) return <p class="faint">{state === "running" ? "Nothing has come yet." : "Nothing came back."}</p>;
  const { head, body, bodyCut, problem, failure } = response;
  return (
    <>
      {failure && <p class="finding bad">{failure}</p>}
      {problem && (
        <div class="finding bad">
          <strong>{problem.title}</strong>
          {problem.detail && <p>{problem.detail}</p>}
          {problem.code && <code>{problem.code}</code>}
        </div>
      )}
      {head && (
        <Part title="Headers">
          <Code text={head.trimEnd()} />
        </Part>
      )}
      <Body title="Body" text={body} {...(bodyCut && { note: "The answer is longer. This is its start." })} />
    </>
  );
}
