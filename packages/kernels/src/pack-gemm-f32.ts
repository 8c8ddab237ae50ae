import { PANEL, requireLength, requireMatrix } from './panel.js';

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
 * @param packed - where they go; all of it is written
 * @throws {RangeError} when an array is shorter than its shape says
 */
export function packGemmF32(
  weights: GemmF32Weights,
  packed: Float32Array = new Float32Array(packedGemmF32Bytes(weights.n, weights.k) / 4),
): Float32Array {
  const { data, k, n, rowStride, columnStride, bias } = weights;
  requireMatrix(weights);
  requireLength('packed weights', packed.length, packedGemmF32Bytes(n, k) / 4);
  let at = 0;
  // Panel after panel, so that writes follow each other: column after column takes five times as long.
  for (let column = 0; column < n; column += PANEL) {
    const lanes = Math.min(n - column, PANEL);
    at = packBias(packed, at, bias, column, lanes);
    for (let row = 0; row < k; row++) {
      let from = row * rowStride + column * columnStride;
      for (let lane = 0; lane < lanes; lane++, from += columnStride) packed[at + lane] = data[from]!;
      for (let lane = lanes; lane < PANEL; lane++) packed[at + lane] = 0;
      at += PANEL;
    }
  }
  return packed;
}

/** A [k, n] matrix of shared weights: element (row, column) is the centroid that an index names. */
export interface SharedGemmF32Weights {
  /** The index of element (row, column) is at row * rowStride + column * columnStride. */
  readonly indices: Uint8Array;
  /** float32, one list for all columns, or one for each behind the other */
  readonly centroids: Float32Array;
  /** Centroids of a list, 1 to 256. */
  readonly centroidCount: number;
  readonly k: number;
  readonly n: number;
  readonly rowStride: number;
  readonly columnStride: number;
  /** shape [n]; absent: zeros */
  readonly bias?: Float32Array | undefined;
}

/**
 * As `packGemmF32`, from indices: the weights themselves are not held anywhere else. An index without a centroid,
 * as a damaged file may have, stands for NaN.
 *
 * @param packed - where they go; all of it is written
 * @throws {RangeError} when an array is shorter than its shape says
 */
export function packSharedGemmF32(
  weights: SharedGemmF32Weights,
  packed: Float32Array = new Float32Array(packedGemmF32Bytes(weights.n, weights.k) / 4),
): Float32Array {
  const { indices, centroids, centroidCount, k, n, rowStride, columnStride, bias } = weights;
  requireMatrix({ ...weights, data: indices });
  requireLength('packed weights', packed.length, packedGemmF32Bytes(n, k) / 4);
  const lists = centroids.length > centroidCount ? n : 1;
  requireLength('centroids', centroids.length, lists * centroidCount);
  const table = new Float32Array(PANEL * 256).fill(Number.NaN);
  let at = 0;
  for (let column = 0; column < n; column += PANEL) {
    const lanes = Math.min(n - column, PANEL);
    if (lists > 1 || column === 0) {
      for (let lane = 0; lane < PANEL; lane++) {
        const list = lists > 1 ? Math.min(column + lane, n - 1) : 0;
        table.set(centroids.subarray(list * centroidCount, (list + 1) * centroidCount), lane * 256);
      }
    }
    at = packBias(packed, at, bias, column, lanes);
    for (let row = 0; row < k; row++) {
      let from = row * rowStride + column * columnStride;
      for (let lane = 0; lane < lanes; lane++, from += columnStride)
        packed[at + lane] = table[lane * 256 + indices[from]!]!;
      for (let lane = lanes; lane < PANEL; lane++) packed[at + lane] = 0;
      at += PANEL;
    }
  }
  return packed;
}

/** Starts a panel with its biases; returns where its weights go. */
function packBias(
  packed: Float32Array,
  at: number,
  bias: Float32Array | undefined,
  column: number,
  lanes: number,
): number {
  for (let lane = 0; lane < PANEL; lane++)
    packed[at + lane] = bias && lane < lanes ? bias[column + lane]! : 0;
  return at + PANEL;
}
