import { CONV_HEADER, WINOGRAD } from '../conv-f32/header';
import { panelBytesF32, panels } from '../geometry';

/**
 * Packs 3 x 3 kernels for F(2 x 2, 3 x 3) as `packWinogradF32` of TypeScript does, bit for bit, for training, which packs
 * in each step: a header, then 16 matrices of n columns and k rows, element (i, j) of G g G' at i * 4 + j.
 *
 * Tap t of column c and row r is at w + 4 * (c * columnStride + r * rowStride + t * tapStride); strides may be negative.
 * bias: n float32, or 0 for none; it stands in matrix 5. Columns past n are zero. Computed in float64, rounded once.
 */
export function packWinogradF32(
  n: i32, k: i32, w: usize, rowStride: i32, columnStride: i32, tapStride: i32, bias: usize, packed: usize,
): void {
  const panelBytes = panelBytesF32(k);
  const matrixBytes = panels(n) * panelBytes;
  memory.fill(packed, 0, CONV_HEADER + matrixBytes * 16);
  store<u32>(packed, WINOGRAD);
  packed += CONV_HEADER;
  const tap = tapStride << 2;
  for (let column = 0; column < n; column++) {
    let to = packed + (column >> 3) * panelBytes + ((column & 7) << 2);
    if (bias) store<f32>(to + 5 * matrixBytes, load<f32>(bias + (column << 2)));
    let from = w + ((column * columnStride) << 2);
    for (let row = 0; row < k; row++) {
      to += 32;
      transform(from, tap, to, matrixBytes);
      from += rowStride << 2;
    }
  }
}

function transform(from: usize, tap: i32, to: usize, step: i32): void {
  const a0 = <f64>load<f32>(from), a1 = <f64>load<f32>(from + tap), a2 = <f64>load<f32>(from + tap * 2);
  from += tap * 3;
  const b0 = <f64>load<f32>(from), b1 = <f64>load<f32>(from + tap), b2 = <f64>load<f32>(from + tap * 2);
  from += tap * 3;
  const c0 = <f64>load<f32>(from), c1 = <f64>load<f32>(from + tap), c2 = <f64>load<f32>(from + tap * 2);
  to = writeRow(a0, a1, a2, to, step);
  to = writeRow((a0 + b0 + c0) / 2, (a1 + b1 + c1) / 2, (a2 + b2 + c2) / 2, to, step);
  to = writeRow((a0 - b0 + c0) / 2, (a1 - b1 + c1) / 2, (a2 - b2 + c2) / 2, to, step);
  writeRow(c0, c1, c2, to, step);
}

@inline
function writeRow(a: f64, b: f64, c: f64, to: usize, step: i32): usize {
  store<f32>(to, <f32>a);
  store<f32>(to + step, <f32>((a + b + c) / 2));
  store<f32>(to + step * 2, <f32>((a - b + c) / 2));
  store<f32>(to + step * 3, <f32>c);
  return to + step * 4;
}
