const encoder = new TextEncoder();

/**
 * A body made of texts, one write each. A text is pulled only when the platform wants more, so back-pressure reaches the
 * source. `completed` resolves with true at the end, or with false if the client hung up.
 */
export function byteStream(texts: AsyncGenerator<string>): { body: ReadableStream<Uint8Array>; completed: Promise<boolean> } {
  const { promise: completed, resolve } = Promise.withResolvers<boolean>();
  const body = new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await texts.next();
        if (!done) return controller.enqueue(encoder.encode(value));
        resolve(true);
        controller.close();
      },
      cancel() {
        resolve(false);
        // Not awaited: a generator that awaits a promise returns only after that promise has settled.
        void texts.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
  return { body, completed };
}
