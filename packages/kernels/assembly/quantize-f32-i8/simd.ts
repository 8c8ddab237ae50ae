import { storeBytes } from '../lanes';
import { lowReal, magicOffset, narrow16, settle4 } from '../requantize/simd';

/** As ./scalar.ts, bit for bit. Reads up to 28 bytes past x. */
export function quantizeF32I8(n: i32, x: usize, y: usize, scale: f32, zero: i32, low: i32, high: i32): void {
  if (n <= 0) return;
  const scales = f32x4.splat(scale);
  const least = lowReal(low, zero);
  const most = i8x16.splat(<i8>high);
  const offset = magicOffset(zero);
  do {
    const q0 = settle4(f32x4.div(v128.load(x), scales), least, offset);
    const q1 = settle4(f32x4.div(v128.load(x, 16), scales), least, offset);
    // A last eight alone, so that no more than 28 bytes past the end are read.
    const more: usize = n > 8 ? 32 : 0;
    const q2 = settle4(f32x4.div(v128.load(x + more), scales), least, offset);
    const q3 = settle4(f32x4.div(v128.load(x + more, 16), scales), least, offset);
    const bytes = narrow16(q0, q1, q2, q3, most);
    if (n >= 16) v128.store(y, bytes);
    else storeBytes(y, bytes, n);
    x += 64;
    y += 16;
    n -= 16;
  } while (n > 0);
}
