import { codeOrigin, codesHigh, codesLow, loadWords } from '../codes';
import { storeF32Pair } from '../lanes';

/** As ./scalar.ts, bit for bit. Reads up to 7 bytes past x. */
export function dequantizeI8F32(n: i32, x: usize, y: usize, scale: f32, zero: i32): void {
  if (n <= 0) return;
  const origin = codeOrigin(zero);
  const scales = f32x4.splat(scale);
  do {
    const words = loadWords(x);
    const low4 = f32x4.mul(codesLow(words, origin), scales);
    const high4 = f32x4.mul(codesHigh(words, origin), scales);
    if (n >= 8) {
      v128.store(y, low4);
      v128.store(y, high4, 16);
    } else {
      storeF32Pair(y, low4, high4, n);
    }
    x += 8;
    y += 32;
    n -= 8;
  } while (n > 0);
}
