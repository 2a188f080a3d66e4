/** The promise, or a rejection as soon as the signal fires: what does not listen to a signal must not hold a reply after its end. */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason));
  });
  return Promise.race([promise, aborted]);
}
