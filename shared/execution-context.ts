/** Hono's execution context, for platforms that have none: `waitUntil` takes the work that goes on after the answer. */
export function executionContext(waitUntil: (work: Promise<unknown>) => void = () => {}) {
  return { waitUntil, passThroughOnException() {}, props: {} };
}
