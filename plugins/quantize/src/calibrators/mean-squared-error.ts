import { type ActivationRange, type Calibrator, clamp, type Observer, roundHalfEven } from '@espalier/core';
import { Histogram } from './histogram.js';
import { MinMaxObserver } from './min-max.js';

/** Fractions of the whole range that are tried at each end: 64 of them, the least one eighth of it. */
const steps = 64;
const narrowest = steps / 8;

/**
 * The range with the least mean squared error of codes, what is cut off included. Both ends are searched in
 * turn, twice, over a histogram.
 *
 * @see Banner et al. 2019 (arXiv:1810.05723), section 3, has the same aim for known distributions
 */
class MeanSquaredErrorObserver implements Observer {
  readonly #all = new MinMaxObserver();
  readonly #histogram = new Histogram();
  readonly #levels: number;

  /** @param levels - codes there are */
  constructor(levels: number) {
    this.#levels = levels;
  }

  see(values: Float32Array, extremes: ActivationRange): void {
    this.#all.see(values, extremes);
    this.#histogram.add(values, extremes);
  }

  range(): ActivationRange | null {
    const all = this.#all.range();
    if (all === null) return null;
    let best: ActivationRange = { min: Math.min(all.min, 0), max: Math.max(all.max, 0) };
    let error = this.#error(best);
    const consider = (range: ActivationRange): void => {
      const other = this.#error(range);
      if (other < error) [best, error] = [range, other];
    };
    for (let round = 0; round < 2; round++) {
      for (let i = steps; i >= narrowest; i--) consider({ min: best.min, max: (all.max * i) / steps });
      for (let i = steps; i >= narrowest; i--) consider({ min: (all.min * i) / steps, max: best.max });
    }
    return { min: Math.max(all.min, best.min), max: Math.min(all.max, best.max) };
  }

  /** Sum of squared errors of all values seen, each taken to be in the middle of its bin. */
  #error({ min, max }: ActivationRange): number {
    if (!(min <= 0 && max >= 0 && max > min)) return Infinity;
    const { counts, binWidth } = this.#histogram;
    const scale = (max - min) / (this.#levels - 1);
    const lowest = roundHalfEven(min / scale);
    let error = 0;
    for (let bin = 0; bin < counts.length; bin++) {
      const count = counts[bin] as number; // bin < length
      if (count === 0) continue;
      const value = (bin - counts.length / 2 + 0.5) * binWidth;
      const code = clamp(roundHalfEven(value / scale), lowest, lowest + this.#levels - 1);
      error += count * (value - code * scale) * (value - code * scale);
    }
    return error;
  }
}

export const meanSquaredError: Calibrator = {
  name: 'mse',
  about: 'The range with the least mean squared error of rounding and cutting off together.',
  observe: ({ bitWidth }) => new MeanSquaredErrorObserver(2 ** bitWidth),
};
