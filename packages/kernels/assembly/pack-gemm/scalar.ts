import { panelBytesI16 } from '../geometry';
import { DOT16, HEADER_BYTES, TAPS } from '../packed-i8';

/**
 * Packs an int8 matrix that is only known at run time as `packGemmI8` packs weights. bZero is subtracted.
 * One multiplier for all columns; bias: n int32, or 0 for none.
 * packed: `packedGemmI8Bytes` bytes, format dot16.
 */
export function packGemmBI8(
  n: i32,
  k: i32,
  b: usize,
  rowStride: i32,
  columnStride: i32,
  bZero: i32,
  bias: usize,
  multiplier: f32,
  packed: usize,
): void {
  const panelBytes = panelBytesI16(k);
  store<i32>(packed, DOT16);
  store<i32>(packed, TAPS, 4);
  store<i32>(packed, 0, 8);
  store<i32>(packed, (k + 1) >> 1, 12);
  packed += HEADER_BYTES;
  for (let column = 0; column < ((n + 7) & ~7); column++) {
    const header = packed + (column >> 3) * panelBytes + ((column & 7) << 2);
    const real = column < n;
    store<i32>(header, real && bias ? load<i32>(bias + (column << 2)) : 0);
    store<f32>(header, real ? multiplier : 0, 32);
    for (let row = 0; row < ((k + 1) & ~1); row++) {
      const value = real && row < k ? <i32>load<i8>(b + row * rowStride + column * columnStride) - bZero : 0;
      store<i16>(header + ((row >> 1) << 5) + ((row & 1) << 1), <i16>value, 64);
    }
  }
}
