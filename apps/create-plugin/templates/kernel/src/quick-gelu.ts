/**
 * x * sigmoid(alpha * x), element by element, in float64 and rounded once to float32.
 *
 * @see Hendrycks and Gimpel 2016 (arXiv:1606.08415), section 2: the sigmoid approximation, alpha 1.702
 */
export function quickGelu(values: Float32Array, alpha: number): Float32Array {
  return values.map((x) => {
    // exp of a large number is infinite, and x / infinity the zero that it goes to; of minus infinity that would be NaN.
    if (x === -Infinity) return -0;
    return x / (1 + Math.exp(-alpha * x));
  });
}
