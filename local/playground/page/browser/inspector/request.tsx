import type { ExchangeDetails } from "../../protocol.ts";
import { Copy } from "../copy.tsx";
import { Body, Code, Part } from "./code.tsx";

export function RequestTab({ details: { request } }: { details: ExchangeDetails }) {
  return (
    <>
      <Part title="Headers" aside={<Copy label="Copy as curl" text={() => request.curl} />}>
        <Code text={request.head.trimEnd()} />
      </Part>
      <Body title="Body" text={request.body} />
    </>
  );
}
