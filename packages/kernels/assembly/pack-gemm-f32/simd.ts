import { panelBytesF32 } from '../geometry';
import { tailMask } from '../lanes';
import { transposeTile } from '../transpose-f32/simd';
import { packGemmBF32 as packColumnByColumn } from './scalar';

/**
 * As ./scalar.ts, for training, which packs all weights in each step: panel after panel, by vectors where the rows or
 * the columns of b are neighbours in memory.
 */
export function packGemmBF32(
  n: i32, k: i32, b: usize, rowStride: i32, columnStride: i32, bias: usize, packed: usize,
): void {
  const panelBytes = panelBytesF32(k);
  const whole = n >> 3;
  for (let panel = 0; panel < whole; panel++) {
    const from = b + ((panel * columnStride) << 5);
    const biases = bias ? bias + (panel << 5) : 0;
    if (columnStride == 1) copyPanel(k, from, rowStride << 2, biases, packed);
    else if (rowStride == 1) transposePanel(k, from, columnStride << 2, biases, packed);
    else packColumnByColumn(8, k, from, rowStride, columnStride, biases, packed);
    packed += panelBytes;
  }
  const rest = n & 7;
  if (rest) {
    const from = b + ((whole * columnStride) << 5);
    const biases = bias ? bias + (whole << 5) : 0;
    if (columnStride == 1) copyPart(rest, k, from, rowStride << 2, biases, packed);
    else packColumnByColumn(rest, k, from, rowStride, columnStride, biases, packed);
  }
}

@inline
function startPanel(bias: usize, to: usize): void {
  v128.store(to, bias ? v128.load(bias) : i32x4.splat(0));
  v128.store(to, bias ? v128.load(bias, 16) : i32x4.splat(0), 16);
}

/** Rows of eight neighbours. */
function copyPanel(k: i32, from: usize, stride: i32, bias: usize, to: usize): void {
  startPanel(bias, to);
  for (let row = 0; row < k; row++) {
    to += 32;
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
    from += stride;
  }
}

/** Rows of fewer neighbours, and zeros behind them. Reads up to 28 bytes past the last one. */
function copyPart(columns: i32, k: i32, from: usize, stride: i32, bias: usize, to: usize): void {
  const low = tailMask(columns);
  const high = tailMask(columns - 4);
  v128.store(to, bias ? v128.and(v128.load(bias), low) : i32x4.splat(0));
  v128.store(to, bias ? v128.and(v128.load(bias, 16), high) : i32x4.splat(0), 16);
  for (let row = 0; row < k; row++) {
    to += 32;
    v128.store(to, v128.and(v128.load(from), low));
    v128.store(to, v128.and(v128.load(from, 16), high), 16);
    from += stride;
  }
}

/** Eight columns, each of which lies in one piece: tiles of 4 by 4. */
function transposePanel(k: i32, from: usize, stride: i32, bias: usize, to: usize): void {
  startPanel(bias, to);
  to += 32;
  const tiled = k & ~3;
  for (let row = 0; row < tiled; row += 4) {
    transposeTile(from, stride, to, 32);
    transposeTile(from + (stride << 2), stride, to + 16, 32);
    from += 16;
    to += 128;
  }
  for (let row = tiled; row < k; row++) {
    for (let lane = 0; lane < 8; lane++) store<f32>(to + (lane << 2), load<f32>(from + lane * stride));
    from += 4;
    to += 32;
  }
}
