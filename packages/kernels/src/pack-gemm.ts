import { PANEL, requireLength, requireMatrix } from './panel.js';

/** A [k, n] matrix of integers to multiply with. */
export interface GemmI8Weights {
  /** int8 or uint8; element (row, column) is at row * rowStride + column * columnStride */
  readonly data: Int8Array | Uint8Array;
  readonly k: number;
  readonly n: number;
  readonly rowStride: number;
  readonly columnStride: number;
  /** shape [n] at scale inputScale * weightScale, zero point 0; absent: zeros */
  readonly bias?: Int32Array | undefined;
  /** shape [n] or [1]: `requantizeMultiplier` of each column */
  readonly multipliers: Float32Array;
  /** shape [n] or [1], subtracted from the weights; absent: 0, symmetric weights */
  readonly zeroPoints?: Int8Array | Uint8Array | undefined;
}

/** Bytes of `packGemmI8`'s result for one group. */
export function packedGemmI8Bytes(n: number, k: number): number {
  return Math.ceil(n / PANEL) * (64 + Math.ceil(k / 2) * 32);
}

/**
 * Weights in the order `gemm-i8` reads: panels of 8 columns, each 8 int32 biases, 8 float32 multipliers, and
 * then pairs of rows as int16, the two rows of a column side by side. Columns past n and an odd last row are zero.
 *
 * @throws {RangeError} when an array is shorter than its shape says
 */
export function packGemmI8(weights: GemmI8Weights): Uint8Array {
  const { data, k, n, rowStride, columnStride, bias, multipliers, zeroPoints } = weights;
  checkLengths(weights);
  const packed = new Uint8Array(packedGemmI8Bytes(n, k));
  const words = new Int32Array(packed.buffer);
  const floats = new Float32Array(packed.buffer);
  const halves = new Int16Array(packed.buffer);
  const panelWords = 16 + Math.ceil(k / 2) * 8;
  for (let column = 0; column < n; column++) {
    const header = Math.floor(column / PANEL) * panelWords + (column % PANEL);
    if (bias) words[header] = bias[column]!;
    floats[header + PANEL] = perColumn(multipliers, column);
    const zero = zeroPoints ? perColumn(zeroPoints, column) : 0;
    for (let row = 0; row < k; row++) {
      const value = data[row * rowStride + column * columnStride]! - zero;
      halves[(header + 16 + (row >> 1) * 8) * 2 + (row & 1)] = value;
    }
  }
  return packed;
}

/**
 * The factor from an int32 sum to the output, rule `onnx`: inputScale * weightScale / outputScale in float64,
 * rounded once to float32.
 */
export function requantizeMultiplier(inputScale: number, weightScale: number, outputScale: number): number {
  return Math.fround((inputScale * weightScale) / outputScale);
}

/** Entry `column`, or the only one. Lengths are checked before. */
function perColumn(values: ArrayLike<number>, column: number): number {
  return values[values.length === 1 ? 0 : column]!;
}

function checkLengths(weights: GemmI8Weights): void {
  const { n, multipliers, zeroPoints } = weights;
  requireMatrix(weights);
  if (multipliers.length !== 1) requireLength('multipliers', multipliers.length, n);
  if (zeroPoints && zeroPoints.length !== 1) requireLength('zeroPoints', zeroPoints.length, n);
}
