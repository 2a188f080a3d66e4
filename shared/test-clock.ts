import type { Clock } from "./clock.ts";

/** A clock for tests that stands still until it is moved. A wait of 0 ms is always a real turn of the event loop. */
export class TestClock implements Clock {
  #now = 1_795_458_797_000;
  #wallTimeAhead = 0;
  #tasks: { at: number; task: () => void }[] = [];

  wallTime(): number {
    return this.#now + this.#wallTimeAhead;
  }

  /** Sets the wall clock ahead, or back with a negative number, as a correction of the time does. */
  setAhead(ms: number): void {
    this.#wallTimeAhead += ms;
  }

  uptime(): number {
    return this.#now;
  }

  after(ms: number, task: () => void): () => void {
    if (ms === 0) {
      const timer = setTimeout(task, 0);
      return () => clearTimeout(timer);
    }
    const entry = { at: this.#now + ms, task };
    this.#tasks.push(entry);
    return () => {
      this.#tasks = this.#tasks.filter((other) => other !== entry);
    };
  }

  /** How many tasks are still waiting. */
  get pending(): number {
    return this.#tasks.length;
  }

  /** Lets `ms` milliseconds pass. Runs the tasks that are due, in order, and those that they add. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    await turns();
    for (;;) {
      const next = this.#tasks.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#tasks = this.#tasks.filter((other) => other !== next);
      this.#now = next.at;
      next.task();
      await turns();
    }
    this.#now = until;
  }

  /** Lets time pass, `stepMs` milliseconds at a time, until `promise` settles, and returns its value. */
  async advanceUntil<T>(promise: Promise<T>, stepMs = 1000): Promise<T> {
    let isOver = false;
    const watched = promise.finally(() => {
      isOver = true;
    });
    while (!isOver) await this.advance(stepMs);
    return watched;
  }
}

/** A few turns of the event loop, so that chained promises settle. */
async function turns(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setTimeout(resolve, 0));
}
