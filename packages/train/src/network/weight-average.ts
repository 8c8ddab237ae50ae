import type { Parameter } from './parameter.js';

/** A mean as it stands: sums of weights times factors, and the sum of the factors. */
export interface SavedAverage {
  readonly total: number;
  /** By the name of the weight. */
  readonly sums: ReadonlyMap<string, Float64Array>;
}

/** The mean of what weights were at several times, in float64: of all alike, or of later ones more than of earlier ones. */
export class WeightAverage {
  /** Sum of the factors in `#sums`. */
  #total = 0;
  readonly #sums = new Map<Parameter, Float64Array>();

  /**
   * Takes in the weights as they are now. Begins anew where a weight was shared, or not any more, since then.
   *
   * @param decay - what those before count from now on, to 1 - decay of the new ones; all alike where left out
   */
  add(parameters: readonly Parameter[], decay?: number): void {
    const fits = parameters.every((parameter) => {
      const sum = this.#sums.get(parameter);
      return sum === undefined || sum.length === parameter.trained.size;
    });
    if (!fits) this.clear();
    const [before, now] = decay === undefined ? [1, 1] : [decay, 1 - decay];
    // What is missing to 1 in the first means is divided out: Kingma and Ba 2015 (arXiv:1412.6980), section 3.
    this.#total = before * this.#total + now;
    for (const parameter of parameters) {
      const values = parameter.readTrained();
      const sum = this.#sums.get(parameter) ?? new Float64Array(values.length);
      for (let i = 0; i < values.length; i++) {
        sum[i] = before * (sum[i] as number) + now * (values[i] as number); // i < length
      }
      this.#sums.set(parameter, sum);
    }
  }

  /** Puts the mean in place of the weights. */
  apply(): void {
    for (const [parameter, sum] of this.#sums) {
      parameter.writeTrained(Float32Array.from(sum, (one) => one / this.#total));
    }
  }

  clear(): void {
    this.#total = 0;
    this.#sums.clear();
  }

  /** For a checkpoint; null where there is nothing in it. */
  read(): SavedAverage | null {
    if (this.#sums.size === 0) return null;
    return {
      total: this.#total,
      sums: new Map([...this.#sums].map(([{ name }, sum]) => [name, sum.slice()])),
    };
  }

  /** Goes back to what `read` gave; sums of another size than their weight are left out. */
  write(saved: SavedAverage | null, parameters: readonly Parameter[]): void {
    this.clear();
    if (saved === null) return;
    this.#total = saved.total;
    for (const parameter of parameters) {
      const sum = saved.sums.get(parameter.name);
      if (sum?.length === parameter.trained.size) this.#sums.set(parameter, sum.slice());
    }
  }
}
