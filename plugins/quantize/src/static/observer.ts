import type { QuantizeOptions } from '../options.js';
import { Histogram } from './histogram.js';

/** The reals that an activation takes, as far as codes are to reach. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** Sees an activation, batch by batch, and says its range. Takes the same memory however much it sees. */
export interface Observer {
  /** @param values - finite */
  see(values: Float32Array): void;
  /** null where nothing was seen. */
  range(): Range | null;
}

/** All that was seen. */
export class MinMaxObserver implements Observer {
  #min = Infinity;
  #max = -Infinity;

  see(values: Float32Array): void {
    let [min, max] = [this.#min, this.#max];
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as number; // i < length
      if (value < min) min = value;
      if (value > max) max = value;
    }
    [this.#min, this.#max] = [min, max];
  }

  range(): Range | null {
    return this.#min <= this.#max ? { min: this.#min, max: this.#max } : null;
  }
}

/** What is left once the rarest values at both ends are cut off; never wider than all that was seen. */
export class PercentileObserver implements Observer {
  readonly #all = new MinMaxObserver();
  readonly #histogram = new Histogram();
  readonly #share: number;

  /** @param percentile - of the values, what is kept at each end: 50 < percentile <= 100 */
  constructor(percentile: number) {
    this.#share = percentile / 100;
  }

  see(values: Float32Array): void {
    this.#all.see(values);
    this.#histogram.add(values);
  }

  range(): Range | null {
    const all = this.#all.range();
    if (all === null) return null;
    const { binWidth } = this.#histogram;
    const low = this.#histogram.quantile(1 - this.#share) - binWidth;
    const high = this.#histogram.quantile(this.#share);
    return { min: Math.max(all.min, low), max: Math.min(all.max, high) };
  }
}

export function makeObserver({ observer, percentile }: Readonly<QuantizeOptions>): Observer {
  return observer === 'percentile' ? new PercentileObserver(percentile) : new MinMaxObserver();
}
