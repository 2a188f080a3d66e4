import type { PageEvent } from "../protocol.ts";

const TYPES: readonly PageEvent["type"][] = ["exchange", "text", "message", "thread", "app", "deleted", "check", "checked"];

interface Listener {
  /** Also after a break: what was missed in between is to be loaded again. */
  opened(): void;
  lost(): void;
  came(event: PageEvent): void;
}

const first = Promise.withResolvers<void>();
/** Resolves when the page hears what happens. What happened before, it does not hear. */
export const listening = first.promise;

/** Listens to the server. The browser connects again by itself. */
export function listen({ opened, lost, came }: Listener): void {
  const source = new EventSource("/playground/events");
  source.addEventListener("open", () => {
    first.resolve();
    opened();
  });
  source.addEventListener("error", lost);
  for (const type of TYPES) source.addEventListener(type, ({ data }) => came({ ...JSON.parse(data), type }));
}
