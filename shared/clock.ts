/** The time and the timers, handed in so that tests neither wait nor depend on the date. */
export interface Clock {
  /** Milliseconds since the Unix epoch. It can be set back and ahead, so it says how old a signature is, and nothing else. */
  wallTime(): number;
  /** Milliseconds since a moment that stays the same: for every duration and every deadline. */
  uptime(): number;
  /** Runs `task` once, `ms` milliseconds from now; the returned function cancels it. */
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

/** Resolves `ms` milliseconds from now. With 0, after one macrotask: what was written before has left by then. */
export function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(ms, resolve);
  });
}

/** Whether `promise` settles within `ms` milliseconds; waits no longer than that. */
export async function settlesWithin(clock: Clock, promise: Promise<unknown>, ms: number): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const cancel = clock.after(ms, () => late.resolve(false));
  try {
    return await Promise.race([promise.then(() => true), late.promise]);
  } finally {
    cancel();
  }
}
