const encoder = new TextEncoder();

/**
 * A body made of texts, one write each, asked for only when the platform wants more: back-pressure reaches the source.
 * `onCancel` runs when the client hangs up.
 */
export function byteStream(texts: AsyncGenerator<string>, onCancel: () => void): ReadableStream<Uint8Array> {
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await texts.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(value));
      },
      cancel() {
        onCancel();
        // Not awaited: a generator that waits for something returns only when that has settled.
        void texts.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}
