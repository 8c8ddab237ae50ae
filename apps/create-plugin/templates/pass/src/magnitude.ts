/** What is left of some weights, and where it stands. */
export interface Kept {
  /** Rising indices of the weights that are not zero. */
  readonly positions: Uint32Array;
  /** Those weights. */
  readonly values: Float32Array;
  /** Weights that became zero. */
  readonly dropped: number;
}

/**
 * Keeps the weights whose magnitude is at least `threshold` times the largest finite one. What is not finite stays:
 * it is somebody else's to find.
 *
 * @see Han et al. 2015 (arXiv:1506.02626), section 3: weights below a threshold are removed
 */
export function keepLarge(weights: Float32Array, threshold: number): Kept {
  const limit = threshold * largestMagnitude(weights);
  const positions: number[] = [];
  let dropped = 0;
  for (const [i, weight] of weights.entries()) {
    if (weight === 0) continue;
    if (Math.abs(weight) < limit) dropped++;
    else positions.push(i);
  }
  return {
    positions: Uint32Array.from(positions),
    values: Float32Array.from(positions, (i) => weights[i] as number), // positions are indices of weights
    dropped,
  };
}

function largestMagnitude(weights: Float32Array): number {
  let largest = 0;
  for (const weight of weights) {
    const magnitude = Math.abs(weight);
    if (Number.isFinite(magnitude) && magnitude > largest) largest = magnitude;
  }
  return largest;
}
