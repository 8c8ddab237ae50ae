/** Sums over two signals, from which SQNR and cosine follow. Streams: add as many pieces as you like. */
export class Similarity {
  #signal = 0;
  #noise = 0;
  #dot = 0;
  #other = 0;

  /** Adds a piece; both of the same length. Sums are float64. */
  add(reference: ArrayLike<number>, actual: ArrayLike<number>): void {
    for (let i = 0; i < reference.length; i++) {
      const x = reference[i] as number; // i < length
      const y = actual[i] as number; // the caller passes equal lengths
      this.#signal += x * x;
      this.#noise += (x - y) * (x - y);
      this.#dot += x * y;
      this.#other += y * y;
    }
  }

  /** Signal to quantization noise ratio, 10 log10(sum x^2 / sum (x - y)^2), in dB; Infinity if equal. */
  get sqnrDb(): number {
    if (this.#noise === 0) return Infinity;
    return 10 * Math.log10(this.#signal / this.#noise);
  }

  /** Cosine of the angle between the two; 1 if both are zero. */
  get cosine(): number {
    const norms = Math.sqrt(this.#signal) * Math.sqrt(this.#other);
    return norms === 0 ? Number(this.#signal === this.#other) : this.#dot / norms;
  }
}
