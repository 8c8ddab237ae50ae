import { storeF32 } from '../lanes';
import { one4 } from '../math-f32/simd';
import { sumF32, sumOfSquaresF32 } from '../reduce-f32/simd';

/** As ./scalar.ts, bit for bit but for the payload of NaN. Reads up to 12 bytes past x, scale and bias. */
export function layerNormF32(
  rows: i32, columns: i32, x: usize, y: usize, scale: usize, bias: usize, epsilon: f32, centered: i32,
): void {
  const count = f32x4.splat(<f32>columns);
  for (let row = 0; row < rows; row++) {
    let mean = i32x4.splat(0);
    if (centered) mean = f32x4.div(sumF32(columns, x), count);
    const variance = f32x4.div(sumOfSquaresF32(columns, x, mean), count);
    const inverse = f32x4.div(one4(), f32x4.sqrt(f32x4.add(variance, f32x4.splat(epsilon))));
    for (let i = 0; i < columns; i += 4) {
      const at = i << 2;
      let value = f32x4.mul(f32x4.sub(v128.load(x + at), mean), inverse);
      if (scale) value = f32x4.mul(value, v128.load(scale + at));
      if (bias) value = f32x4.add(value, v128.load(bias + at));
      storeF32(y + at, value, columns - i);
    }
    x += columns << 2;
    y += columns << 2;
  }
}
