import { residentMb } from "../support/processes.ts";

/** The memory of a process over time. */
export class MemoryCurve {
  readonly #pid: number;
  readonly #samples: (readonly [minutes: number, mb: number])[] = [];

  constructor(pid: number) {
    this.#pid = pid;
  }

  /** Whether the process still runs. */
  sample(minutes: number): boolean {
    const mb = residentMb(this.#pid);
    if (!Number.isNaN(mb)) this.#samples.push([minutes, mb]);
    return !Number.isNaN(mb);
  }

  get firstMb(): number {
    return this.#samples[0]?.[1] ?? Number.NaN;
  }

  get lastMb(): number {
    return this.#samples.at(-1)?.[1] ?? Number.NaN;
  }

  /** MB a minute: the line of least squares through the samples. */
  get slope(): number {
    const mean = (index: 0 | 1) => this.#samples.reduce((sum, sample) => sum + sample[index], 0) / this.#samples.length;
    const [middle, height] = [mean(0), mean(1)];
    const [above, below] = this.#samples.reduce(
      ([above, below], [x, y]) => [above + (x - middle) * (y - height), below + (x - middle) ** 2],
      [0, 0],
    );
    return above / below;
  }
}
