/** Mean and variance of all that was added, in one pass and three numbers. */
export class Moments {
  #count = 0;
  #mean = 0;
  /** Sum of squared distances from the mean. */
  #squares = 0;

  /** @see Chan, Golub and LeVeque 1979, "Updating formulae and a pairwise algorithm for computing sample variances" */
  add(values: Float32Array): void {
    const count = values.length;
    let sum = 0;
    for (const value of values) sum += value;
    const mean = sum / count;
    let squares = 0;
    for (const value of values) squares += (value - mean) ** 2;
    const distance = mean - this.#mean;
    const total = this.#count + count;
    this.#squares += squares + (distance ** 2 * this.#count * count) / total;
    this.#mean += (distance * count) / total;
    this.#count = total;
  }

  get count(): number {
    return this.#count;
  }

  get mean(): number {
    return this.#mean;
  }

  /** Of what was seen, not of what it is a sample of. */
  get deviation(): number {
    return this.#count === 0 ? 0 : Math.sqrt(this.#squares / this.#count);
  }
}
