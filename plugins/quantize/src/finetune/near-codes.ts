import type { SliceLayout } from '@espalier/core';

/** Of a step, how far a real may be from its code: less than half, or it might round to the next one. */
const REACH = 0.49;

/**
 * The reals that codes are trained from: as they were, or as near to that as still rounds to the code that was chosen. A code
 * that adaptive rounding has chosen stays that way, and one step of training can take it back; a weight that was cut off
 * is at the edge of the range, where gradients still reach it.
 *
 * @param rounded - scale * code
 */
export function nearCodes(
  reals: Float32Array,
  rounded: Float32Array,
  { outer, slices, inner }: SliceLayout,
  scales: Float32Array,
): Float32Array {
  const near = new Float32Array(reals.length);
  for (let run = 0; run < outer * slices; run++) {
    const reach = REACH * (scales[run % slices] as number); // one a slice
    for (let i = run * inner; i < (run + 1) * inner; i++) {
      const code = rounded[i] as number; // i < length
      near[i] = Math.min(Math.max(reals[i] as number, code - reach), code + reach); // likewise
    }
  }
  return near;
}
