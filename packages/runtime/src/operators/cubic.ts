/**
 * Weight of an element at distance t >= 0 in cubic convolution; 0 from 2 on. The four weights of a point
 * sum to 1.
 *
 * @param a - the free coefficient: -0.75 in PyTorch, -0.5 in Keys' paper
 * @see Keys 1981, Cubic convolution interpolation for digital image processing, equation 4
 */
export function cubicWeight(t: number, a: number): number {
  if (t <= 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
  return t < 2 ? ((a * t - 5 * a) * t + 8 * a) * t - 4 * a : 0;
}
