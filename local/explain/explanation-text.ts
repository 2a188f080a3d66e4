import type { PeerText } from "../peer-text.ts";
import type { Paint } from "../terminal.ts";
import type { Explanation } from "./explain.ts";

/** An explanation for people: the verdict, each finding with its fix, and what to do if nothing was found. */
export function explanationText({ valid, findings, hints }: Explanation, paint: Paint): string {
  const lines = findings.flatMap(({ what, fix, accepted }) => [
    `${paint(accepted ? "green" : "red", accepted ? "·" : "✗")} ${what}`,
    `  ${fix}`,
  ]);
  const verdict = valid
    ? paint("green", "The signature is good: a webhook must accept this request.")
    : paint("red", "A webhook refuses this request.");
  return `${[verdict, ...lines, ...hints].join("\n")}\n`;
}

/** An explanation without secrets: a finding may quote a header. */
export function masked(explanation: Explanation, peer: PeerText): Explanation {
  return { ...explanation, findings: explanation.findings.map((finding) => ({ ...finding, what: peer.line(finding.what) })) };
}
