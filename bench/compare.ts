import { median } from "./median.ts";
import { type Sample, type SampleKind, signedSample } from "./samples.ts";
import { createFloorSide, createPipelineSide, type Side } from "./sides.ts";

/** How long the two sides took for one message, in microseconds, and how they relate: medians over all rounds. */
export interface Comparison {
  readonly pipelineUs: number;
  readonly floorUs: number;
  /** The median of the ratios of neighbouring rounds, which a slow moment of the machine hits alike. */
  readonly ratio: number;
  readonly rounds: number;
}

export interface CompareOptions {
  /** Milliseconds that the comparison may take, one fifth of which is warming up. */
  readonly budgetMs: number;
  /** Milliseconds that one round of one side should take: short, for the machine changes, yet long beside one call of `now`. */
  readonly roundMs: number;
  /** A clock that goes on while the code runs, in milliseconds. */
  readonly now: () => number | Promise<number>;
}

const WARM_UP = 0.2;
const MESSAGES_OF_FIRST_ROUND = 10;

/** Answers the same message on both sides in interleaved rounds. Runs wherever the core runs: on Node and in workerd. */
export async function comparePipelineToFloor(
  kind: SampleKind,
  { budgetMs, roundMs, now }: CompareOptions,
): Promise<Comparison> {
  const pipeline = { answer: createPipelineSide(), sample: await signedSample(kind, "escaped") };
  const floor = { answer: await createFloorSide(), sample: await signedSample(kind, "raw") };
  const [ours, theirs] = await Promise.all(
    [pipeline, floor].map(async ({ answer, sample }) => textOf(answer, requestOf(sample))),
  );
  if (ours !== theirs) throw new Error(`the two sides give different answers to ${kind.size} bytes of ${kind.text}`);

  let messages = MESSAGES_OF_FIRST_ROUND;
  const microsecondsEach = async ({ answer, sample }: typeof floor) => {
    // Building the requests is the benchmark's own cost.
    const requests = Array.from({ length: messages }, () => requestOf(sample));
    const startedAt = await now();
    for (const request of requests) await textOf(answer, request);
    return (((await now()) - startedAt) * 1000) / messages;
  };

  const rounds: { pipelineUs: number; floorUs: number }[] = [];
  const startedAt = await now();
  for (let round = 0; ; round++) {
    const elapsed = (await now()) - startedAt;
    if (elapsed > budgetMs && rounds.length > 0) break;
    // Whoever comes first may find the machine in another state, so they take turns.
    const early = round % 2 === 0 ? await microsecondsEach(pipeline) : undefined;
    const floorUs = await microsecondsEach(floor);
    const pipelineUs = early ?? (await microsecondsEach(pipeline));
    if (elapsed >= budgetMs * WARM_UP) rounds.push({ pipelineUs, floorUs });
    else messages = Math.ceil((roundMs * 1000) / floorUs);
  }
  return {
    pipelineUs: median(rounds.map(({ pipelineUs }) => pipelineUs)),
    floorUs: median(rounds.map(({ floorUs }) => floorUs)),
    ratio: median(rounds.map(({ pipelineUs, floorUs }) => pipelineUs / floorUs)),
    rounds: rounds.length,
  };
}

function requestOf({ url, headers, body }: Sample): Request {
  return new Request(url, { method: "POST", headers, body });
}

async function textOf(answer: Side, request: Request): Promise<string> {
  const response = await answer(request);
  if (response.status !== 200) throw new Error(`a signed message was answered ${response.status}`);
  return response.text();
}
