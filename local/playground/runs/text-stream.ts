export type Send = (text: string) => void;

/**
 * A stream of the texts that `work` sends. If its reader cancels, `signal` aborts. If `work` fails, `breakOff` is called with
 * the error once the reader has got every text: an error of a ReadableStream would drop those that wait.
 */
export function textStream(
  work: (send: Send, signal: AbortSignal) => Promise<void>,
  breakOff: (error: unknown) => void,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const hangUp = new AbortController();
  let isReaderWaiting = false;
  let failure: { readonly error: unknown } | undefined;
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const send: Send = (text) => {
          if (hangUp.signal.aborted) return;
          isReaderWaiting = false;
          controller.enqueue(encoder.encode(text));
        };
        const close = () => {
          if (!hangUp.signal.aborted) controller.close();
        };
        const fail = (error: unknown) => {
          failure = { error };
          if (isReaderWaiting) breakOff(error);
        };
        work(send, hangUp.signal).then(close, fail);
      },
      pull() {
        isReaderWaiting = true;
        if (failure) breakOff(failure.error);
      },
      cancel: () => hangUp.abort(),
    },
    { highWaterMark: 0 },
  );
}
