import { DOT16, FIXED, HEADER_BYTES, PANEL_HEADER_BYTES, panelStride, TAPS } from '../packed-i8';
import { multiplierBytes } from '../requantize/rule';

/**
 * As packGemmBI8, for products that are requantized by fixed-point multipliers: every four columns get a copy of the block
 * at `multipliers` (../requantize/rule.ts). packed: `packedGemmI8Bytes` bytes, format dot16.
 */
export function packGemmBFixedI8(
  n: i32, k: i32, b: usize, rowStride: i32, columnStride: i32, bZero: i32, bias: usize, multipliers: usize, packed: usize,
): void {
  const steps = (k + 1) >> 1;
  const panelBytes = panelStride(DOT16, steps);
  store<i32>(packed, DOT16);
  store<i32>(packed, TAPS, 4);
  store<i32>(packed, FIXED, 8);
  store<i32>(packed, steps, 12);
  packed += HEADER_BYTES;
  for (let column = 0; column < ((n + 7) & ~7); column++) {
    const panel = packed + (column >> 3) * panelBytes;
    const lane = column & 7;
    const real = column < n;
    store<i32>(panel + (lane << 2), real && bias ? load<i32>(bias + (column << 2)) : 0);
    if (!(lane & 3)) memory.copy(panel + 32 + (lane >> 2) * multiplierBytes(), multipliers, multiplierBytes());
    const weights = panel + PANEL_HEADER_BYTES + (lane << 2);
    for (let row = 0; row < steps << 1; row++) {
      const value = real && row < k ? <i32>load<i8>(b + row * rowStride + column * columnStride) - bZero : 0;
      store<i16>(weights + ((row >> 1) << 5) + ((row & 1) << 1), <i16>value);
    }
  }
}
