import { packedGemmF32Bytes } from '@espalier/kernels';
import type { Address, Argument } from '@espalier/runtime/tape';
import { plus } from './argument.js';
import type { StepRecorder } from './step-recorder.js';

/** Rows that the kernel computes together. */
const UNIT = 4;

/** Sizes of a product of matrices [m, k] and [k, n]. */
export interface ProductSize {
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

/** A matrix [k, n] in memory: element (row, column) is at row * rowStride + column * columnStride floats. */
export interface Matrix {
  readonly n: number;
  readonly k: number;
  readonly at: Argument;
  readonly rowStride: number;
  readonly columnStride: number;
}

/** Records the packing of a right factor, with a bias for each column or 0. Good until the next part. */
export function recordPacking(step: StepRecorder, matrix: Matrix, bias: Argument = 0): Address {
  const { n, k, at, rowStride, columnStride } = matrix;
  const packed = step.scratch(packedGemmF32Bytes(n, k));
  step.call('packGemmBF32', [n, k, at, rowStride, columnStride, bias, packed]);
  return packed;
}

/** Records c [m, n] = clamp(a [m, k] * b), b packed; threads share the rows. */
export function recordProduct(
  step: StepRecorder,
  { m, n, k }: ProductSize,
  a: Argument,
  b: Argument,
  c: Argument,
  { low, high }: { readonly low: number; readonly high: number } = { low: -Infinity, high: Infinity },
): void {
  const argsOf = ({ first, end }: { readonly first: number; readonly end: number }): readonly Argument[] => {
    const [from, to] = [plus(a, first * k * 4), plus(c, first * n * 4)];
    return [end - first, n, k, from, k, b, to, n, low, high];
  };
  step.split('gemmF32', m, m * n * k, argsOf, { unit: UNIT });
}

/** Records c [left columns, right columns] = left^T * right, of matrices with `rows` dense rows. */
export function recordTransposedProduct(
  step: StepRecorder,
  rows: number,
  left: { readonly at: Argument; readonly columns: number },
  right: { readonly at: Argument; readonly columns: number },
  c: Argument,
): void {
  const turned = step.scratch(rows * left.columns * 4);
  step.call('transposeF32', [1, rows, left.columns, left.at, turned]);
  const n = right.columns;
  const packed = recordPacking(step, { n, k: rows, at: right.at, rowStride: n, columnStride: 1 });
  recordProduct(step, { m: left.columns, n, k: rows }, turned, packed, c);
}
