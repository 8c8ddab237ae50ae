const single = new DataView(new ArrayBuffer(8));
const MANTISSA_BITS = 20;
const BIAS = 1023;
/** Terms of the series: the next one is below 1e-17 where |t| <= 0.172. */
const TERMS = 11;

/**
 * log2 of a positive normal number, within 1e-14.
 *
 * `Math.log2` may differ in its last bit from engine to engine, and where a weight goes depends on it. This is sums and
 * products only: the same on every machine. 2 atanh(t) / ln 2 with t = (m - 1) / (m + 1), for m between the roots of 1/2 and 2.
 */
export function log2(x: number): number {
  single.setFloat64(0, x);
  const high = single.getUint32(0);
  let exponent = (high >>> MANTISSA_BITS) - BIAS;
  single.setUint32(0, (high & 0xfffff) | (BIAS << MANTISSA_BITS));
  let mantissa = single.getFloat64(0);
  if (mantissa > Math.SQRT2) {
    mantissa /= 2;
    exponent++;
  }
  const t = (mantissa - 1) / (mantissa + 1);
  const square = t * t;
  let sum = 0;
  for (let term = TERMS; term >= 0; term--) sum = sum * square + 1 / (2 * term + 1);
  return exponent + 2 * t * sum * Math.LOG2E;
}
