import { kindOf, type MultiplierKind, multiplierCount } from './multipliers.js';
import { requireLength, requireMatrix } from './panel.js';
import {
  type Columns,
  HEADER_BYTES,
  type MakeRoom,
  panelsBytes,
  perColumn,
  roomInArrays,
  stackOf,
  standAsWanted,
  startPacked,
  stepFormat,
  stepsFor,
  WIDE,
  writePanels,
} from './panel-i8.js';
import type { WeightFormat } from './weight-format.js';

/** A [k, n] matrix of integers to multiply with. */
export interface GemmI8Weights extends Columns {
  readonly k: number;
  readonly n: number;
  /** element (row, column) of `data` is at row * rowStride + column * columnStride */
  readonly rowStride: number;
  readonly columnStride: number;
  /** Rows of activations where they are known ahead: few of them are packed in half the bytes. */
  readonly expectedRows?: number | undefined;
}

/** Bytes of what `packGemmBI8` writes, or `packGemmBFixedI8`: format dot16, as wide as can be. */
export function packedGemmI8Bytes(n: number, k: number, kind: MultiplierKind = 'float32'): number {
  return HEADER_BYTES + panelsBytes(n, stepsFor(k, WIDE), WIDE, kind);
}

/**
 * Weights in the order `gemm-i8` reads: a header that names the format, then panels of 8 columns, each 8 int32 biases,
 * their multipliers, and steps of 2 or 4 rows, the rows of a column side by side. Rows and columns that fill
 * up are zero.
 *
 * @param format - `Kernels.weightFormat`
 * @param make - where it goes; absent: an array
 * @throws {RangeError} when an array is shorter than its shape says, or `inputZero` is missing where the format needs it
 */
export function packGemmI8(
  weights: GemmI8Weights,
  format: WeightFormat = 'dot16',
  make: MakeRoom = roomInArrays,
): Uint8Array {
  const { data, k, n, rowStride, columnStride, zeroPoints } = weights;
  requireMatrix(weights);
  requireColumns(weights, n);
  const form = stepFormat(weights, n, format, weights.expectedRows);
  const steps = stepsFor(k, form);
  const isStack = rowStride === 1 && columnStride === k;
  const room = startPacked(
    make,
    panelsBytes(n, steps, form, kindOf(weights.multipliers)),
    1,
    form,
    'taps',
    steps,
    weights.multipliers,
    isStack ? stackOf(weights, n, k) : null,
  );
  const inBulk = isStack && standAsWanted(weights, k, form);
  const fill = (values: Int8Array | Int16Array, first: number, count: number): void => {
    if (inBulk) {
      values.set(data.subarray(first * k, (first + count) * k));
      return;
    }
    for (let column = 0; column < count; column++) {
      const zero = zeroPoints ? perColumn(zeroPoints, first + column) : 0;
      const from = (first + column) * columnStride;
      const to = column * steps * form.rows;
      // In range: requireMatrix.
      for (let row = 0; row < k; row++) values[to + row] = data[from + row * rowStride]! - zero;
    }
  };
  writePanels(room, HEADER_BYTES, fill, weights, 0, n, steps, form);
  return room.packed;
}

/**
 * The factor from an int32 sum to the output, rule `onnx`: inputScale * weightScale / outputScale in float64,
 * rounded once to float32.
 */
export function requantizeMultiplier(inputScale: number, weightScale: number, outputScale: number): number {
  return Math.fround((inputScale * weightScale) / outputScale);
}

/** @throws {RangeError} when what columns have is too short, or no number to multiply with */
export function requireColumns({ multipliers, zeroPoints }: Columns, n: number): void {
  const count = multiplierCount(multipliers);
  if (count !== 1) requireLength('multipliers', count, n);
  if (zeroPoints && zeroPoints.length !== 1) requireLength('zeroPoints', zeroPoints.length, n);
}
