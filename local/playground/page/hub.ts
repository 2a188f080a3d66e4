import type { PageEvent } from "./protocol.ts";

/** A page that reads so slowly is let go. It connects again, and asks for what it missed. */
const MOST_WAITING_BYTES = 16 * 1_048_576;
const RECONNECT_MS = 1000;

/** Tells every open page what happens. */
export class Hub {
  readonly #pages = new Set<ReadableStreamDefaultController<Uint8Array>>();
  /** Called when the last page has gone. */
  onEmpty: () => void = () => {};

  readonly tell = (event: PageEvent): void => {
    if (this.#pages.size === 0) return;
    const bytes = new TextEncoder().encode(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    for (const page of this.#pages) {
      page.enqueue(bytes);
      if ((page.desiredSize ?? 0) < 0) this.#letGo(page, () => page.close());
    }
  };

  /** The stream of one page. */
  stream(): ReadableStream<Uint8Array> {
    let page: ReadableStreamDefaultController<Uint8Array>;
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          page = controller;
          this.#pages.add(page);
          page.enqueue(new TextEncoder().encode(`retry: ${RECONNECT_MS}\n\n`));
        },
        cancel: () => this.#letGo(page),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: MOST_WAITING_BYTES }),
    );
  }

  #letGo(page: ReadableStreamDefaultController<Uint8Array>, close = () => {}): void {
    if (!this.#pages.delete(page)) return;
    close();
    if (this.#pages.size === 0) this.onEmpty();
  }
}
