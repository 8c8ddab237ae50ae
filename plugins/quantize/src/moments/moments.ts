/** Sums over patches of a layer's input: what rounding and bias correction need to know of the data. */
export class Moments {
  readonly length: number;
  /** Sum of x, `length` elements. */
  readonly #sum: Float64Array;
  /** Sum of x x^T, the upper triangle of a row-major square; null where it is not wanted. */
  readonly #products: Float64Array | null;
  #count = 0;

  /** @param wantsProducts - whether the memory of length^2 doubles is taken */
  constructor(length: number, wantsProducts: boolean) {
    this.length = length;
    this.#sum = new Float64Array(length);
    this.#products = wantsProducts ? new Float64Array(length * length) : null;
  }

  get hasProducts(): boolean {
    return this.#products !== null && this.#count > 0;
  }

  get count(): number {
    return this.#count;
  }

  /** Adds one patch. Sums are float64, in the order of the patches. */
  add(patch: Float64Array): void {
    const { length } = this;
    const [sum, products] = [this.#sum, this.#products];
    this.#count++;
    for (let i = 0; i < length; i++) {
      const x = patch[i] as number; // i < length
      if (x === 0) continue;
      sum[i] = (sum[i] as number) + x; // likewise
      if (products === null) continue;
      const row = i * length;
      for (let j = i; j < length; j++)
        products[row + j] = (products[row + j] as number) + x * (patch[j] as number); // j < length
    }
  }

  /** E[x]. */
  mean(): Float64Array {
    return this.#sum.map((sum) => sum / Math.max(1, this.#count));
  }

  /**
   * E[x x^T], or the covariance, as a full square.
   *
   * @param isCentred - whether the mean is taken off: for layers whose bias makes up for it
   */
  second(isCentred: boolean): Float64Array {
    const { length } = this;
    const products = this.#products ?? new Float64Array();
    const mean = this.mean();
    const square = new Float64Array(length * length);
    for (let i = 0; i < length; i++) {
      for (let j = i; j < length; j++) {
        const centre = isCentred ? (mean[i] as number) * (mean[j] as number) : 0; // i, j < length
        const value = (products[i * length + j] ?? 0) / Math.max(1, this.#count) - centre;
        square[i * length + j] = value;
        square[j * length + i] = value;
      }
    }
    return square;
  }
}
