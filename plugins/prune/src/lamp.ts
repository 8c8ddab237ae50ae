/**
 * Magnitudes relative to what is left of their layer once all smaller ones are gone: |w| / sqrt(sum of squares of magnitudes
 * not below |w|). So weights of several layers can be ranked together, whatever the scale of each, and the largest of every
 * layer stands on top: no layer is emptied.
 *
 * The square root of the paper's score, which ranks alike and does not vanish in float32.
 *
 * @see Lee et al. 2021 (arXiv:2010.07611), equation 4
 */
export function lampScores(values: Float32Array): Float32Array {
  const rising = values.map(Math.abs).sort();
  const rest = new Float64Array(rising.length + 1);
  for (let i = rising.length - 1; i >= 0; i--) rest[i] = rest[i + 1]! + rising[i]! * rising[i]!;
  return values.map((value) => {
    const magnitude = Math.abs(value);
    return magnitude === 0 ? 0 : magnitude / Math.sqrt(rest[firstAtLeast(rising, magnitude)]!);
  });
}

/** Index of the first of rising numbers that is not below `least`. */
function firstAtLeast(rising: Float32Array, least: number): number {
  let [low, high] = [0, rising.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (rising[middle]! < least) low = middle + 1;
    else high = middle;
  }
  return low;
}
