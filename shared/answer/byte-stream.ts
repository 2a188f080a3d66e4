const encoder = new TextEncoder();

/**
 * A body made of texts, one write each. A text is pulled only when the platform wants more, so back-pressure reaches the
 * source. `hungUp` resolves if the client hangs up.
 */
export function byteStream(texts: AsyncGenerator<string>): { body: ReadableStream<Uint8Array>; hungUp: Promise<void> } {
  const { promise: hungUp, resolve } = Promise.withResolvers<void>();
  const body = new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await texts.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(value));
      },
      cancel() {
        resolve();
        // Not awaited: a generator that awaits a promise returns only after that promise has settled.
        void texts.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
  return { body, hungUp };
}
