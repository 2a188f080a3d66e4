import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import type { Group, Result, Row } from "./compare.ts";
import { jsonOfSize, TEXTS } from "./samples.ts";
import { type Server, startNode, startWorker } from "./servers.ts";

/** The sides, by the path on which bench/peers measures them. */
const SIDES = {
  ours: "ours",
  subtle: "subtle.verify",
  octokitWeb: "octokit, web",
  stripe: "stripe, async",
  octokitNode: "octokit, node",
  standardwebhooks: "standardwebhooks",
};
/** Those that speak for text outside ASCII in the form in which the main app signs it. */
const FOR_ESCAPED = ["ours", "subtle"];
const SIZES = [1, 4, 16, 64, 256];
const GOALS = [
  { ending: "ASCII", ratioTo: SIDES.subtle, most: 1.2 },
  { ending: "ASCII", ratioTo: SIDES.octokitWeb, most: 1 },
  { ending: "ASCII", ratioTo: SIDES.stripe, most: 1 },
];
const NOTES = [
  "subtle.verify: one crypto.subtle.verify with the key, the signature's bytes and the whole message ready. It is the floor of all that use Web Crypto.",
  "octokit, web and stripe, async use Web Crypto, octokit, node uses node:crypto, and standardwebhooks has SHA-256 in JavaScript.",
  "The others take a string: turning the bytes of a request into one is not counted. They refuse multi-byte text as the main app signs it. There the floor is two subtle.verify, the second with the escaped form ready.",
];

/** Starts a server that verifies with us and with the peers, which are installed if they are not. */
export const startPeers = {
  async Node(): Promise<Server> {
    install();
    return startNode(["bench/peers/node.ts"]);
  },
  async workerd(): Promise<Server> {
    install();
    return startWorker("bench/peers/worker.ts");
  },
};

function install(): void {
  if (existsSync("bench/peers/node_modules")) return;
  console.error("npm ci --prefix bench/peers …");
  execFileSync("npm", ["ci", "--prefix", "bench/peers", "--no-audit", "--no-fund"], { stdio: "inherit" });
}

/** Compares verification alone with Web Crypto's own and with that of other libraries, inside of a server. */
export function verification(runtime: keyof typeof startPeers, { url }: Server, rounds: number, ms: number): Group {
  const row = (kilobytes: number, kind: keyof typeof TEXTS): Row => {
    const body = jsonOfSize(kilobytes * 1024, TEXTS[kind]);
    const measure = (side: string) => async () => {
      // A runtime may stop its clock while it computes. Then it would work for much longer than it was told to, or for ever.
      const late = AbortSignal.timeout(20 * ms + 5000);
      const response = await fetch(`${url}${side}?ms=${ms}`, { method: "POST", body, signal: late });
      if (!response.ok) throw new Error(`${side} on ${runtime}: ${await response.text()}`);
      return [Number(await response.text())];
    };
    const sides = Object.keys(SIDES).filter((side) => kind === "ASCII" || FOR_ESCAPED.includes(side));
    return { figures: [`${kilobytes} kB ${kind}`], rounds, sides: sides.map(measure) };
  };
  const rows = [...SIZES.map((size) => row(size, "ASCII")), ...SIZES.map((size) => row(size, "multi-byte"))];
  const name = `verification-${runtime.toLowerCase()}`;
  const title = `Verification alone on ${runtime}, µs`;
  const charts = (results: readonly Result[]) => [
    {
      title: runtime,
      x: { label: "body, kB of ASCII", scale: "log" } as const,
      y: { label: "µs", scale: "log" } as const,
      lines: Object.values(SIDES).map((name, side) => ({
        name,
        points: SIZES.map((size, row) => [size, results[row]?.sides[side]?.median ?? Number.NaN] as const),
      })),
    },
  ];
  return { name, title, sides: Object.values(SIDES), rows, goals: GOALS, notes: NOTES, charts };
}
