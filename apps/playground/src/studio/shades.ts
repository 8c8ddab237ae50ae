/**
 * The shade of a weight in a picture of a layer: 0 for none, 1 to 127 negative from large to small, 128 to 255 positive from
 * small to large.
 *
 * @param largest - the largest magnitude of the layer
 */
export function shadeOf(value: number, largest: number): number {
  if (value === 0) return 0;
  // Most weights are small: a root spreads them over the shades.
  const strength = Math.min(1, Math.sqrt(Math.abs(value) / (largest || 1)));
  return value < 0 ? 128 - Math.max(1, Math.round(127 * strength)) : 128 + Math.round(127 * strength);
}
