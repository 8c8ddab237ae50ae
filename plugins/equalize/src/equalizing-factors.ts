/**
 * Ranges below this share of the largest count as this share. Training leaves channels that a Relu never opens with weights of 1e-30, and any
 * factor would do for them: what reads them is made small with one of reason.
 */
const leastShare = 2 ** -16;

/**
 * By what each channel between two layers is divided before and multiplied behind, so that both have the same
 * range in it: sqrt(r1 r2) / r2.
 *
 * @param before - ranges of the weights that compute the channels
 * @param behind - ranges of the weights that read them
 * @see Nagel et al. 2019 (arXiv:1906.04721), section 4.1
 */
export function equalizingFactors(before: Float64Array, behind: Float64Array): Float64Array {
  const [floor1, floor2] = [leastShare * largest(before), leastShare * largest(behind)];
  return before.map((range, c) => {
    const r1 = Math.max(range, floor1);
    const r2 = Math.max(behind[c] as number, floor2); // as many channels in both
    return r1 > 0 && r2 > 0 ? Math.sqrt(r1 * r2) / r2 : 1;
  });
}

/**
 * Factors that give each channel the same share of what there is on both sides. Of the tensors before, that counts which it takes the largest share of: a
 * channel of small weights may have a large bias. Shares are of the largest of each tensor, so that no tensor's
 * range grows: sqrt(share before * share behind) is at most 1.
 *
 * @param before - ranges of weights, biases and activations, each one a channel
 * @param behind - ranges of the weights that read the channels
 */
export function balancingFactors(before: readonly Float64Array[], behind: Float64Array): Float64Array {
  const shares = before.map(sharesOf);
  return sharesOf(behind).map((d, c) => {
    const b = shares.reduce((most, share) => Math.max(most, share[c] as number), leastShare); // as many channels in all
    return Math.sqrt(b / Math.max(d, leastShare));
  });
}

function sharesOf(values: Float64Array): Float64Array {
  const most = largest(values);
  return values.map((value) => (most > 0 ? Math.abs(value) / most : 0));
}

/**
 * Factors below which a value of some channel would be larger than the largest of all was: x[c] / factor[c] <= max |x|. Weights that
 * are scaled up take biases and activations with them, and one scale for all of these has to reach the largest.
 *
 * @param values - of each channel: biases, or what the channel reaches
 */
export function leastFactors(values: Float64Array): Float64Array {
  return sharesOf(values);
}

function largest(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}
