/** What an entry hands in beside the request: here, where work that outlives the answer goes. */
export function executionContext(waitUntil: (work: Promise<unknown>) => void = () => {}) {
  return { waitUntil, passThroughOnException() {}, props: {} };
}
