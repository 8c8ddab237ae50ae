import { requireLength } from './panel.js';
import type { SparseColumns } from './sparse-columns.js';
import { SPARSE_BLOCK_ROWS } from './sparse-limits.js';

/** What `sparse-gemm-f32` and `sparse-gemv-f32` multiply with. */
export interface SparseF32Weights {
  readonly columns: SparseColumns<Float32Array>;
  /** shape [n]; absent: zeros */
  readonly bias?: Float32Array | undefined;
}

/** Rows that `sparse-gemm-f32` computes at once; also the floats between two k in its scratch. */
const BLOCK_ROWS: number = SPARSE_BLOCK_ROWS.float32;

/** Scratch bytes for `sparse-gemm-f32`: a block of rows, transposed, and four columns of its results. */
export function sparseGemmF32ScratchBytes(k: number): number {
  return (Math.ceil(k / 4) * 4 + 4) * BLOCK_ROWS * 4;
}

/** Scratch bytes for `sparse-conv-f32`: as of the product, a pixel of zeros and the addresses of inputs. */
export function sparseConvF32ScratchBytes(channels: number, taps: number): number {
  return (
    sparseGemmF32ScratchBytes(channels * taps + 4) + Math.ceil(channels / 4) * 16 + taps * BLOCK_ROWS * 4
  );
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

/** Columns that `sparse-gemv-f32` computes at once, and the 32-bit words of their header and of a step. */
const [LANES, HEADER_WORDS, STEP_WORDS] = [4, 9, 6];

/**
 * Weights in the order `sparse-gemv-f32` reads: for every four columns a count, where they belong and their biases,
 * then four weights and the four rows they stand in, 6 bytes a weight. Columns of about the same length stand
 * together, as the shorter ones are filled up with zeros: of a random tenth of 256 weights that would be one more in
 * five.
 *
 * @throws {RangeError} when the bias is shorter than n
 */
export function packSparseVectorF32({ columns, bias }: SparseF32Weights): Uint8Array {
  const { n, starts, rows, values } = columns;
  if (bias) requireLength('bias', bias.length, n);
  const length = (column: number): number => starts[column + 1]! - starts[column]!;
  const order = Array.from({ length: n }, (_, column) => column).sort(
    (a, b) => length(b) - length(a) || a - b,
  );
  let steps = 0;
  for (let group = 0; group < n; group += LANES) steps += length(order[group]!);
  const packed = new Uint8Array(4 * (HEADER_WORDS * Math.ceil(n / LANES) + STEP_WORDS * steps));
  const floats = new Float32Array(packed.buffer);
  const words = new Uint32Array(packed.buffer);
  const halves = new Uint16Array(packed.buffer);
  let at = 0;
  for (let group = 0; group < n; group += LANES) {
    const count = length(order[group]!);
    words[at] = count;
    for (let lane = 0; lane < LANES; lane++) {
      // Lanes past the last column compute it once more: nothing has to be left out when results are stored.
      const column = order[Math.min(group + lane, n - 1)]!;
      words[at + 1 + lane] = column * 4;
      floats[at + 1 + LANES + lane] = bias ? bias[column]! : 0;
      let step = at + HEADER_WORDS;
      for (let entry = starts[column]!; entry < starts[column + 1]!; entry++, step += STEP_WORDS) {
        floats[step + lane] = values[entry]!;
        halves[(step + LANES) * 2 + lane] = rows[entry]!;
      }
    }
    at += HEADER_WORDS + STEP_WORDS * count;
  }
  return packed;
}
