/** The end of a run, by a monotonic clock. */
export class Deadline {
  #endsAt: number;

  /** `ms` milliseconds from now. */
  constructor(ms: number) {
    this.#endsAt = performance.now() + ms;
  }

  /** Ends the run now. */
  end(): void {
    this.#endsAt = performance.now();
  }

  get leftMs(): number {
    return Math.max(0, this.#endsAt - performance.now());
  }

  get passed(): boolean {
    return this.leftMs === 0;
  }
}
