import { requireLength } from './panel.js';
import type { SparseColumns } from './sparse-columns.js';

/** What `sparse-gemm-f32` and `sparse-gemv-f32` multiply with. */
export interface SparseF32Weights {
  readonly columns: SparseColumns<Float32Array>;
  /** shape [n]; absent: zeros */
  readonly bias?: Float32Array | undefined;
}

/** Rows that `sparse-gemm-f32` computes at once; also the floats between two k in its scratch. */
const BLOCK_ROWS = 28;

/** Scratch bytes for `sparse-gemm-f32`: a block of rows, transposed, and four columns of its results. */
export function sparseGemmF32ScratchBytes(k: number): number {
  return (Math.ceil(k / 4) * 4 + 4) * BLOCK_ROWS * 4;
}

/**
 * Weights in the order `sparse-gemm-f32` reads: for each column a count and its bias, then each weight with the
 * distance of its k in the scratch, 8 bytes a weight.
 *
 * @throws {RangeError} when the bias is shorter than n
 */
export function packSparseF32({ columns, bias }: SparseF32Weights): Uint8Array {
  const { n, starts, rows, values } = columns;
  if (bias) requireLength('bias', bias.length, n);
  const packed = new Uint8Array(8 * (n + values.length));
  const floats = new Float32Array(packed.buffer);
  const words = new Uint32Array(packed.buffer);
  let at = 0;
  for (let column = 0; column < n; column++) {
    const [start, end] = [starts[column]!, starts[column + 1]!];
    words[at++] = end - start;
    floats[at++] = bias ? bias[column]! : 0;
    for (let entry = start; entry < end; entry++) {
      floats[at++] = values[entry]!;
      words[at++] = rows[entry]! * BLOCK_ROWS * 4;
    }
  }
  return packed;
}

/**
 * Weights in the order `sparse-gemv-f32` reads: for every four columns a count and their biases, then four
 * weights and the four rows they stand in, 6 bytes a weight. Shorter columns of the four are filled up with zeros.
 *
 * @throws {RangeError} when the bias is shorter than n
 */
export function packSparseVectorF32({ columns, bias }: SparseF32Weights): Uint8Array {
  const { n, starts, rows, values } = columns;
  if (bias) requireLength('bias', bias.length, n);
  let steps = 0;
  for (let column = 0; column < n; column += 4) steps += longest(starts, column, n);
  const packed = new Uint8Array(24 * (Math.ceil(n / 4) + steps));
  const floats = new Float32Array(packed.buffer);
  const words = new Uint32Array(packed.buffer);
  const halves = new Uint16Array(packed.buffer);
  let at = 0;
  for (let column = 0; column < n; column += 4) {
    const count = longest(starts, column, n);
    words[at] = count;
    for (let lane = 0; lane < Math.min(n - column, 4); lane++) {
      if (bias) floats[at + 2 + lane] = bias[column + lane]!;
      const [start, end] = [starts[column + lane]!, starts[column + lane + 1]!];
      for (let entry = start, step = at + 6; entry < end; entry++, step += 6) {
        floats[step + lane] = values[entry]!;
        halves[(step + 4) * 2 + lane] = rows[entry]!;
      }
    }
    at += 6 * (count + 1);
  }
  return packed;
}

/** Entries of the longest of up to four columns. */
function longest(starts: Uint32Array, column: number, n: number): number {
  let most = 0;
  for (let c = column; c < Math.min(column + 4, n); c++) most = Math.max(most, starts[c + 1]! - starts[c]!);
  return most;
}
