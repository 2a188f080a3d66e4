/** Memory over time. */
export class Curve {
  readonly #samples: (readonly [minutes: number, mb: number])[] = [];

  add(minutes: number, mb: number): void {
    this.#samples.push([minutes, mb]);
  }

  /** The first and the last sample, and the slope in MB a minute: the line of least squares through all samples. */
  toString(): string {
    const [first, last] = [this.#samples[0]?.[1], this.#samples.at(-1)?.[1]];
    return `${first?.toFixed(1)} MB, then ${last?.toFixed(1)} MB; slope ${this.slope.toFixed(2)} MB a minute`;
  }

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
