import type { ActivationRange, Calibrator, Observer } from '@espalier/core';

/** All that was seen. */
export class MinMaxObserver implements Observer {
  #min = Infinity;
  #max = -Infinity;

  see(_: Float32Array, { min, max }: ActivationRange): void {
    this.#min = Math.min(this.#min, min);
    this.#max = Math.max(this.#max, max);
  }

  range(): ActivationRange | null {
    return this.#min <= this.#max ? { min: this.#min, max: this.#max } : null;
  }
}

export const minMax: Calibrator = {
  name: 'min-max',
  about: 'From the least to the greatest value that was seen.',
  observe: () => new MinMaxObserver(),
};
