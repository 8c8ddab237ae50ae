import type { Parameter } from './parameter.js';

/** The mean of what weights were at several times, summed in float64. */
export class WeightAverage {
  #count = 0;
  readonly #sums = new Map<Parameter, Float64Array>();

  get count(): number {
    return this.#count;
  }

  /** Takes in the weights as they are now. Begins anew where a weight was shared, or not any more, since then. */
  add(parameters: readonly Parameter[]): void {
    const fits = parameters.every((parameter) => {
      const sum = this.#sums.get(parameter);
      return sum === undefined || sum.length === parameter.trained.size;
    });
    if (!fits) this.clear();
    this.#count++;
    for (const parameter of parameters) {
      const values = parameter.readTrained();
      const sum = this.#sums.get(parameter) ?? new Float64Array(values.length);
      for (let i = 0; i < values.length; i++) sum[i] = (sum[i] as number) + (values[i] as number); // i < length
      this.#sums.set(parameter, sum);
    }
  }

  /** Puts the mean in place of the weights. */
  apply(): void {
    for (const [parameter, sum] of this.#sums) {
      parameter.writeTrained(Float32Array.from(sum, (total) => total / this.#count));
    }
  }

  clear(): void {
    this.#count = 0;
    this.#sums.clear();
  }
}
