import { comparePipelineToFloor } from "./compare.ts";
import type { SampleKind } from "./samples.ts";

interface Bindings {
  /** Answers with the time outside: workerd stops its own clock while code runs. */
  readonly CLOCK: { fetch(url: string): Promise<Response> };
}

/** Runs one comparison inside workerd. Takes the kind of message and the budget as JSON, answers with the comparison. */
export default {
  async fetch(request: Request, { CLOCK }: Bindings): Promise<Response> {
    const { kind, ...options } = (await request.json()) as { kind: SampleKind; budgetMs: number; roundMs: number };
    const now = async () => Number(await (await CLOCK.fetch("http://clock/")).text());
    return Response.json(await comparePipelineToFloor(kind, { ...options, now }));
  },
};
