/** When a run has to end, by a clock that nobody sets. */
export class Deadline {
  readonly #endsAt: number;

  /** `ms` from now. */
  constructor(ms: number) {
    this.#endsAt = performance.now() + ms;
  }

  get leftMs(): number {
    return Math.max(0, this.#endsAt - performance.now());
  }

  get passed(): boolean {
    return this.leftMs === 0;
  }
}
