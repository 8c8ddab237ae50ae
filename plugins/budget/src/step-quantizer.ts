/** Levels on either side of 0: with 0 they are at most 255, which a byte counts. */
export const MOST_LEVELS = 127;

/**
 * Share of a step at which a value is rounded up. Half would be the nearest level; less makes the cell around 0 wider, and
 * of all levels the shorter codes more frequent.
 *
 * @see Sullivan 1996, "Efficient scalar quantization of exponential and Laplacian random variables": the best cells of a Laplace
 *   density are equal but for the one around 0
 */
const ROUNDED_UP = 0.4;

/** Weights as levels, and what these stand for. */
export interface Levels {
  /** Of each weight: its level in steps, -127 to 127. */
  readonly levels: Int8Array;
  /** Mean of the weights of each level, -127 first; exactly 0 for level 0 and for those that no weight has. */
  readonly means: Float32Array;
}

/**
 * Rounds values to multiples of a step, those near 0 to 0, and gives each level the mean of what it stands for. What is 0 stays 0.
 *
 * @param values - finite, of magnitudes up to 127 steps
 * @param step - > 0
 */
export function toLevels(values: Float32Array, step: number): Levels {
  const levels = new Int8Array(values.length);
  const sums = new Float64Array(2 * MOST_LEVELS + 1);
  const counts = new Uint32Array(2 * MOST_LEVELS + 1);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const magnitude = Math.min(MOST_LEVELS, Math.floor(Math.abs(value) / step + ROUNDED_UP));
    const level = value < 0 ? -magnitude : magnitude;
    levels[i] = level;
    sums[level + MOST_LEVELS]! += value;
    counts[level + MOST_LEVELS]!++;
  }
  const means = Float32Array.from(sums, (sum, at) =>
    at === MOST_LEVELS || counts[at] === 0 ? 0 : sum / counts[at]!,
  );
  return { levels, means };
}
