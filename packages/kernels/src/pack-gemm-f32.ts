import { PANEL, requireMatrix } from './panel.js';

/** A [k, n] matrix to multiply with, of one or more groups of columns. */
export interface GemmF32Weights {
  /** float32; element (row, column) is at row * rowStride + column * columnStride */
  readonly data: Float32Array;
  readonly k: number;
  readonly n: number;
  readonly rowStride: number;
  readonly columnStride: number;
  /** shape [n]; absent: zeros */
  readonly bias?: Float32Array | undefined;
}

/** Bytes of `packGemmF32`'s result for one group. */
export function packedGemmF32Bytes(n: number, k: number): number {
  return Math.ceil(n / PANEL) * (k + 1) * PANEL * 4;
}

/**
 * Weights in the order `gemm-f32` reads: panels of 8 columns, each 8 biases and then k rows of 8 weights.
 * Columns past n are zero.
 *
 * @throws {RangeError} when an array is shorter than its shape says
 */
export function packGemmF32(weights: GemmF32Weights): Float32Array {
  const { data, k, n, rowStride, columnStride, bias } = weights;
  requireMatrix(weights);
  const packed = new Float32Array(packedGemmF32Bytes(n, k) / 4);
  for (let column = 0; column < n; column++) {
    let at = Math.floor(column / PANEL) * (k + 1) * PANEL + (column % PANEL);
    if (bias) packed[at] = bias[column]!;
    for (let row = 0; row < k; row++) {
      at += PANEL;
      packed[at] = data[row * rowStride + column * columnStride]!;
    }
  }
  return packed;
}
