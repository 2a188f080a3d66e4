const encoder = new TextEncoder();

/**
 * A body made of texts, one write each, asked for only when the platform wants more: back-pressure reaches the source.
 * `whole` tells how it ended: false if the client hung up.
 */
export function byteStream(texts: AsyncGenerator<string>): { body: ReadableStream<Uint8Array>; whole: Promise<boolean> } {
  const { promise: whole, resolve } = Promise.withResolvers<boolean>();
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
        // Not awaited: a generator that waits for something returns only when that has settled.
        void texts.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
  return { body, whole };
}
