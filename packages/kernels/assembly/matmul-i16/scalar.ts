/**
 * c = requantize(sum over k of (a - aZero) * (b - bZero)): a product of two int16 matrices that are only known at run time.
 *
 * a: [m, k], b: [k, n], c: [m, n], without gaps. Sums are of 64 bits.
 * multiplier: address of a float64 (rule `onnx`), or of an int64 of 15 bits and an int64 shift (TensorFlow Lite's
 * rules), which `fixedPoint` tells: clamp((sum * m + 2^(14 - shift)) >> (15 - shift)).
 */
export function matMulI16(
  m: i32, n: i32, k: i32, a: usize, b: usize, c: usize, aZero: i32, bZero: i32,
  multiplier: usize, fixedPoint: i32, cZero: i32, cLow: i32, cHigh: i32,
): void {
  assert(m >= 0 && n >= 0 && k >= 0 && k < 1 << 16);
  for (let row = 0; row < m; row++) {
    for (let column = 0; column < n; column++) {
      let sum: i64 = 0;
      for (let i = 0; i < k; i++) {
        const left = <i64>load<i16>(a + ((row * k + i) << 1)) - aZero;
        sum += left * (<i64>load<i16>(b + ((i * n + column) << 1)) - bZero);
      }
      const code = fixedPoint ? shifted(sum, multiplier) : nearest<f64>(<f64>sum * load<f64>(multiplier));
      const inside = min(max(code, <f64>(cLow - cZero)), <f64>(cHigh - cZero));
      store<i16>(c + ((row * n + column) << 1), <i16>(<i32>inside + cZero));
    }
  }
}

/** Sums are below 2^47 in size. */
function shifted(sum: i64, multiplier: usize): f64 {
  const right = 15 - load<i64>(multiplier, 8);
  return <f64>((sum * load<i64>(multiplier) + (<i64>1 << (right - 1))) >> right);
}
