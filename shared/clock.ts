/** The time and the timers. They are passed in, so that tests neither wait nor depend on the date. */
export interface Clock {
  /** Milliseconds since the Unix epoch, for the age of a signature only: this clock can be set back and ahead. */
  wallTime(): number;
  /** Milliseconds since a fixed moment, for every duration and every deadline. */
  uptime(): number;
  /** Runs `task` once, in `ms` milliseconds. The returned function cancels it. */
  after(ms: number, task: () => void): () => void;
}

export const systemClock: Clock = {
  wallTime: () => Date.now(),
  uptime: () => performance.now(),
  after(ms, task) {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
};

/** Resolves in `ms` milliseconds. With 0, after one macrotask: earlier writes have been sent by then. */
export function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(ms, resolve);
  });
}

/**
 * Whether `promise` settles within `ms` milliseconds. Waits no longer than that. Rejects as it does. Written with two
 * callbacks, because each message needs it: with `Promise.race`, the same takes several microseconds longer.
 */
export function settlesWithin(clock: Clock, promise: Promise<unknown>, ms: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => resolve(false));
    promise.then(
      () => {
        cancel();
        resolve(true);
      },
      (error) => {
        cancel();
        reject(error);
      },
    );
  });
}
