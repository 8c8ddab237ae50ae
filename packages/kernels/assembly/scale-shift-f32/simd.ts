import { clamp4, storeF32 } from '../lanes';

/** As ./scalar.ts, bit for bit. Reads up to 12 bytes past x, scale and shift. */
export function scaleShiftF32(
  rows: i32, columns: i32, x: usize, scale: usize, shift: usize, rowStride: i32, columnStride: i32, y: usize,
  low: f32, high: f32,
): void {
  const least = f32x4.splat(low);
  const most = f32x4.splat(high);
  for (let row = 0; row < rows; row++) {
    let factor = v128.load32_splat(scale);
    let summand = v128.load32_splat(shift);
    for (let column = 0; column < columns; column += 4) {
      const at = column << 2;
      if (columnStride) {
        factor = v128.load(scale + at);
        summand = v128.load(shift + at);
      }
      const value = f32x4.add(f32x4.mul(v128.load(x + at), factor), summand);
      storeF32(y + at, clamp4(value, least, most), columns - column);
    }
    x += columns << 2;
    y += columns << 2;
    scale += rowStride << 2;
    shift += rowStride << 2;
  }
}
