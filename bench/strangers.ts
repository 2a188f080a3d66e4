import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { Worker } from "node:worker_threads";
import { signatureDigest } from "../local/sender/hmac.ts";
import { spaced } from "../local/sender/json-forms.ts";
import { sendOnce } from "./attack.ts";
import type { Goal, Group, Row } from "./compare.ts";
import { load } from "./load.ts";
import { jsonOfSize, TEXTS } from "./samples.ts";
import { startNode, startSides } from "./servers.ts";
import { usage } from "./usage.ts";

const [MIB, SECONDS] = [1_048_576, 8];
const SERVER = "examples/webhook-typescript/server.mjs";
/** The most expensive requests without a secret. Escaping makes é three times as long, and U+007F six times. */
const REQUESTS = {
  "one-byte chunks": () => request(`${"1\r\na\r\n".repeat(MIB)}0\r\n\r\n`, "transfer-encoding: chunked"),
  "wrong signature, ASCII": () => request(jsonOfSize(MIB, TEXTS.ASCII)),
  "wrong signature, ASCII with white space": () => request(spaced(jsonOfSize(MIB - 64, TEXTS.ASCII))),
  "wrong signature, é": () => request(jsonOfSize(MIB, "é")),
  "wrong signature, U+007F with white space": () => request(spaced(jsonOfSize(MIB - 64, "\u007f"))),
};

/** Measures the cost of attacks. `against` is the folder of another checkout. */
export function* costOfStrangers(against?: string): Generator<Group> {
  if (process.platform !== "linux") throw new Error("--strangers needs Linux: it reads /proc.");
  if (against && !existsSync(join(against, SERVER))) throw new Error(`--against needs a folder that contains ${SERVER}.`);
  for (const runtime of ["Node", "workerd"] as const) yield oneStranger(runtime);
  if (against)
    yield eightStrangers(basename(against), join(against, SERVER), {
      ending: "chunks: good median ms",
      ratioTo: "there",
      most: 0.1,
    });
  yield eightStrangers("node:http", "bench/baseline-server.ts", { ending: "ASCII: good median ms", ratioTo: "there", most: 2 });
}

/** Measures the cost of one request for a server. */
function oneStranger(runtime: "Node" | "workerd"): Group {
  const rows = Object.entries(REQUESTS).map(([name, newRequest]): Row => {
    const ours = async () => {
      await using server = await startSides[runtime]();
      const [request, before] = [newRequest(), await usage(server.pid)];
      await sendOnce(server.url, request);
      const [first, times] = [await usage(server.pid), name === "one-byte chunks" ? 1 : 20];
      for (let i = 0; i < times; i++) await sendOnce(server.url, request);
      return [((await usage(server.pid)).cpuMs - first.cpuMs) / times, first.peakMb - before.peakMb];
    };
    const other = async () => {
      const [body, before] = [Buffer.alloc(MIB), process.cpuUsage()];
      for (let i = 0; i < 100; i++) signatureDigest("secret", "0", body);
      return [process.cpuUsage(before).user / 1000 / 100, Number.NaN];
    };
    return { figures: [`${name}, CPU ms`, `${name}, memory MB`], rounds: 1, sides: [ours, other] };
  });
  return { name: "strangers", title: `One stranger's request of 1 MiB to ${runtime}`, sides: ["request", "one HMAC"], rows };
}

/** Measures good requests while eight strangers attack, on this checkout's server and on another one. */
function eightStrangers(name: string, script: string, goal: Goal): Group {
  const rows = (["one-byte chunks", "wrong signature, ASCII", "wrong signature, é"] as const).map((attack): Row => {
    const under = (script: string) => async () => {
      await using server = await startNode([script]);
      const workerData = { url: server.url, request: REQUESTS[attack](), attackers: 8 };
      const thread = new Worker(new URL("attack.ts", import.meta.url), { workerData });
      const before = await usage(server.pid);
      const { answers, medianMs } = await load(server.url, jsonOfSize(1024, TEXTS.ASCII), SECONDS);
      const { cpuMs, peakMb } = await usage(server.pid);
      await thread.terminate();
      return [medianMs, (SECONDS * 1000) / answers, peakMb, (cpuMs - before.cpuMs) / SECONDS / 10];
    };
    const figures = ["good median ms", "ms between good answers", "peak memory MB", "CPU %"].map(
      (figure) => `${attack}: ${figure}`,
    );
    return { figures, rounds: 1, sides: [under(SERVER), under(script)] };
  });
  const goals: Goal[] = [goal, { ending: "chunks: peak memory MB", most: 250 }];
  return {
    name: "strangers",
    title: `Eight strangers for ${SECONDS} s, beside ${name}`,
    sides: ["here", "there"],
    goals,
    rows,
  };
}

function request(body: string, length = `content-length: ${Buffer.byteLength(body)}`): Buffer {
  const head = ["POST / HTTP/1.1", "host: localhost", "content-type: application/json", length];
  const signature = [`x-timestamp: ${Math.floor(Date.now() / 1000)}`, `x-signature: sha256=${"0".repeat(64)}`];
  return Buffer.from([...head, ...signature, "", body].join("\r\n"));
}
