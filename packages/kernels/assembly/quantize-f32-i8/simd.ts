import { storeBytes } from '../lanes';
import { highBound, lowBound, narrow8, saturate4, zeroOffset } from '../requantize/simd';

/** As ./scalar.ts, bit for bit. Reads up to 28 bytes past x. */
export function quantizeF32I8(n: i32, x: usize, y: usize, scale: f32, zero: i32, low: i32, high: i32): void {
  const scales = f32x4.splat(scale);
  const least = lowBound(low, zero);
  const most = highBound(high, zero);
  const offset = zeroOffset(zero);
  for (let i = 0; i < n; i += 8) {
    const from = x + (i << 2);
    const result = narrow8(
      saturate4(f32x4.div(v128.load(from), scales), least, most, offset),
      saturate4(f32x4.div(v128.load(from, 16), scales), least, most, offset),
    );
    if (n - i >= 8) v128.store64_lane(y + i, result, 0);
    else storeBytes(y + i, result, n - i);
  }
}
