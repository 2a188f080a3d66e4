/** What Hono wants beside a request, on platforms that have no such object of their own: where work goes that outlives the answer. */
export function executionContext(waitUntil: (work: Promise<unknown>) => void = () => {}) {
  return { waitUntil, passThroughOnException() {}, props: {} };
}
