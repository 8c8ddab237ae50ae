/**
 * Where to clip values from a normal distribution before they are rounded to codes of so many bits: in standard
 * deviations from the mean, where the mean squared error of clipping and rounding together is least. From 2 bits on.
 *
 * @see Banner, Nahshan and Soudry 2019, "Post-training 4-bit quantization of convolution networks" (arXiv:1810.05723),
 *   section 3: the analytic clipping values
 */
const deviations: readonly number[] = [1.7106, 2.1516, 2.5591, 2.9362, 3.2869, 3.6151, 3.924];

export function clippingDeviations(bitWidth: number): number {
  const index = Math.min(Math.max(bitWidth, 2), 8) - 2;
  return deviations[index] as number; // 2 to 8
}
