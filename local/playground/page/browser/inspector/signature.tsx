import type { ExchangeDetails, Verification } from "../../protocol.ts";
import { Copy } from "../copy.tsx";
import { Code, Part } from "./code.tsx";

/** What was signed, step by step, for whoever compares it with what their webhook computes. */
export function SignatureTab({ details: { signature, verification } }: { details: ExchangeDetails }) {
  if (!signature)
    return verification ? <Verified verification={verification} /> : <p class="faint">This request was not signed.</p>;
  const { timestamp, signed, form, why, header, rawHeader, came } = signature;
  return (
    <>
      {verification && <Verified key="verified" verification={verification} />}
      <p class="finding">
        <strong>
          Form: <code>{form}</code>
        </strong>
        <p>{why}</p>
      </p>
      <Part title="1. The timestamp, a dot, and the body in that form" aside={<Copy label="Copy" text={() => signed} />}>
        <pre>
          <mark>{timestamp}.</mark>
          <Escapes text={signed.slice(timestamp.length + 1)} />
        </pre>
      </Part>
      <Part title="2. HMAC-SHA256 of these bytes, with the secret as key, in hex">
        <Code text={header.replace(/^sha256=/, "")} />
      </Part>
      <Part title="3. The header">
        <Code text={`X-Signature: ${header}`} />
      </Part>
      {came !== undefined && came !== header && (
        <Part title="But this came">
          <Code text={`X-Signature: ${came}`} />
        </Part>
      )}
      {rawHeader !== header && (
        <Part title="Over the body as it is sent, it would be">
          <Code text={rawHeader} />
        </Part>
      )}
    </>
  );
}

/** Of the real main app: what was found out about the signature that came. */
function Verified({ verification: { holds, faults, hints } }: { verification: Verification }) {
  return (
    <div class={`finding ${holds ? "" : holds === null ? "warned" : "bad"}`}>
      {holds !== null && <strong>{holds ? "The signature is good." : "A webhook must refuse this request."}</strong>}
      {faults.map(({ what, fix }) => (
        <p key={what}>{`${what.charAt(0).toUpperCase()}${what.slice(1)}. ${fix}`}</p>
      ))}
      {hints.map((hint) => (
        <p key={hint}>{hint}</p>
      ))}
    </div>
  );
}

const SHOWN = 20_000;

/** Marks each `\uXXXX`, for it is what a check of the raw body does not see. */
function Escapes({ text }: { text: string }) {
  const pieces = text.slice(0, SHOWN).split(/((?:\\u[0-9a-f]{4})+)/);
  return (
    <>
      {pieces.map((piece, index) => (index % 2 === 1 ? <mark key={index}>{piece}</mark> : piece))}
      {text.length > SHOWN && <em>{`\n… and ${(text.length - SHOWN).toLocaleString("en")} more characters`}</em>}
    </>
  );
}
