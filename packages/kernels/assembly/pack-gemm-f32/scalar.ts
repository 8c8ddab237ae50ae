import { panelBytesF32 } from '../geometry';

/**
 * Packs a float32 matrix that is only known at run time (MatMul of two activations) as `packGemmF32` packs
 * weights. Element (row, column) of b is at row * rowStride + column * columnStride, in floats: strides
 * swapped pack the transpose. bias: n floats, or 0 for none. packed: ceil(n / 8) * (k + 1) * 32 bytes.
 */
export function packGemmBF32(
  n: i32,
  k: i32,
  b: usize,
  rowStride: i32,
  columnStride: i32,
  bias: usize,
  packed: usize,
): void {
  const panelBytes = panelBytesF32(k);
  for (let column = 0; column < ((n + 7) & ~7); column++) {
    let to = packed + (column >> 3) * panelBytes + ((column & 7) << 2);
    const real = column < n;
    store<f32>(to, real && bias ? load<f32>(bias + (column << 2)) : 0);
    for (let row = 0; row < k; row++) {
      to += 32;
      store<f32>(to, real ? load<f32>(b + ((row * rowStride + column * columnStride) << 2)) : 0);
    }
  }
}
