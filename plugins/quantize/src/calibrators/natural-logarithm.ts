const word = new DataView(new ArrayBuffer(8));

/**
 * ln(x), x > 0 and normal, within 1e-15. The last bit of `Math.log` differs between engines, and a range that was chosen by
 * it ends in a file: this takes only operations that are exact by IEEE 754.
 */
export function naturalLogarithm(x: number): number {
  word.setFloat64(0, x);
  const high = word.getInt32(0);
  const exponent = (high >>> 20) - 1023;
  word.setInt32(0, (high & 0xfffff) | 0x3ff00000);
  const mantissa = word.getFloat64(0);
  // ln m = 2 artanh((m - 1) / (m + 1)), with m from 1 to 2: t is below 1/3.
  const t = (mantissa - 1) / (mantissa + 1);
  const square = t * t;
  let sum = 0;
  for (let n = 33; n >= 1; n -= 2) sum = sum * square + 1 / n;
  return exponent * Math.LN2 + 2 * t * sum;
}
