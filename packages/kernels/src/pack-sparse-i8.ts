import { requireLength } from './panel.js';
import type { SparseColumns } from './sparse-columns.js';
import { SPARSE_BLOCK_ROWS } from './sparse-limits.js';

/** What `sparse-gemm-i8` and `sparse-gemv-i8` multiply with. Weights are symmetric: 0 is zero. */
export interface SparseI8Weights {
  readonly columns: SparseColumns<Int8Array>;
  /** shape [n] at scale inputScale * weightScale, zero point 0; absent: zeros */
  readonly bias?: Int32Array | undefined;
  /** shape [n] or [1]: `requantizeMultiplier` of each column */
  readonly multipliers: Float32Array;
}

/** Rows that `sparse-gemm-i8` computes at once, widened to int16: 48 bytes between two k in its scratch. */
const BLOCK_ROWS: number = SPARSE_BLOCK_ROWS.int8;

/** Rows of weights that `packSparseI8` can tell apart: it keeps 3 * k in 16 bits. */
export const MOST_SPARSE_GEMM_I8_ROWS = 21845;

/** Scratch bytes for `sparse-gemm-i8`: a block of rows, transposed and widened, and eight columns of its results. */
export function sparseGemmI8ScratchBytes(k: number): number {
  return Math.ceil(k / 8) * 8 * BLOCK_ROWS * 2 + 256;
}

/** Scratch bytes for `sparse-conv-i8`: as of the product, a pixel of padding and the addresses of inputs. */
export function sparseConvI8ScratchBytes(channels: number, taps: number): number {
  return (
    sparseGemmI8ScratchBytes(channels * taps + 8) + Math.ceil(channels / 16) * 16 + taps * BLOCK_ROWS * 4
  );
}

/**
 * Weights in the order `sparse-gemm-i8` reads: for each column a count of pairs, its bias and multiplier, then the
 * weights of each pair as int16 and three times their rows, 4 bytes a weight. An odd weight is paired with zero.
 *
 * @throws {RangeError} when bias or multipliers are shorter than n, or k is above 21,845
 */
export function packSparseI8(weights: SparseI8Weights): Uint8Array {
  const { k, n, starts, rows, values } = weights.columns;
  requireColumns(weights);
  if (k > MOST_SPARSE_GEMM_I8_ROWS)
    throw new RangeError(`The weights have ${k} rows, ${MOST_SPARSE_GEMM_I8_ROWS} are the most.`);
  let pairs = 0;
  for (let column = 0; column < n; column++) pairs += Math.ceil((starts[column + 1]! - starts[column]!) / 2);
  const packed = new Uint8Array(12 * n + 8 * pairs);
  const words = new Int32Array(packed.buffer);
  const floats = new Float32Array(packed.buffer);
  const halves = new Int16Array(packed.buffer);
  const places = new Uint16Array(packed.buffer);
  let at = 0;
  for (let column = 0; column < n; column++) {
    const [start, end] = [starts[column]!, starts[column + 1]!];
    words[at] = Math.ceil((end - start) / 2);
    words[at + 1] = weights.bias?.[column] ?? 0;
    floats[at + 2] = perColumn(weights.multipliers, column);
    at += 3;
    for (let entry = start; entry < end; entry += 2, at += 2) {
      const odd = entry + 1 === end;
      halves[at * 2] = values[entry]!;
      halves[at * 2 + 1] = odd ? 0 : values[entry + 1]!;
      places[at * 2 + 2] = rows[entry]! * 3;
      places[at * 2 + 3] = rows[odd ? entry : entry + 1]! * 3;
    }
  }
  return packed;
}

/** Columns that `sparse-gemv-i8` computes at once, values it picks for each in a step, and among how many. */
const [LANES, SLOTS, WINDOW] = [8, 2, 16];
const HEADER_BYTES = 8 + 3 * LANES * 4;

/**
 * Weights in the order `sparse-gemv-i8` reads: for every eight columns a count of steps, their biases, sums of
 * weights and multipliers, where the window of each step begins, and for each step 16 places in the window and 16
 * weights, two a column. At a density of 10 % a step holds 9 weights of random places, at 30 % it holds 13.
 *
 * @throws {RangeError} when bias or multipliers are shorter than n
 */
export function packSparseVectorI8(weights: SparseI8Weights): Uint8Array {
  const { n } = weights.columns;
  requireColumns(weights);
  const groups: Steps[] = [];
  let bytes = 0;
  for (let column = 0; column < n; column += LANES) {
    const steps = stepsOf(weights.columns, column);
    groups.push(steps);
    bytes += HEADER_BYTES + evenUp(steps.windows.length) * 2 + steps.contents.length;
  }
  const packed = new Uint8Array(bytes);
  const view = new DataView(packed.buffer);
  let at = 0;
  for (const [group, steps] of groups.entries()) {
    writeHeader(view, at, weights, group * LANES, steps.windows.length);
    at += HEADER_BYTES;
    for (const [index, window] of steps.windows.entries()) view.setUint16(at + index * 2, window, true);
    at += evenUp(steps.windows.length) * 2;
    packed.set(steps.contents, at);
    at += steps.contents.length;
  }
  return packed;
}

/** The steps of eight columns. */
interface Steps {
  readonly windows: readonly number[];
  /** 32 bytes a step: places in the window, then weights; both by column. */
  readonly contents: Uint8Array;
}

/** Opens a window at the first weight left in any of the eight columns, and takes up to two of each, again and again. */
function stepsOf({ k, n, starts, rows, values }: SparseColumns<Int8Array>, column: number): Steps {
  const lanes = Math.min(n - column, LANES);
  const next = starts.slice(column, column + lanes);
  const ends = starts.subarray(column + 1, column + 1 + lanes);
  const windows: number[] = [];
  // A window begins where a weight stands, or at the last place: none more than there are weights.
  const contents = new Uint8Array((starts[column + lanes]! - starts[column]!) * 32);
  for (;;) {
    let first = k;
    for (let lane = 0; lane < lanes; lane++)
      if (next[lane]! < ends[lane]!) first = Math.min(first, rows[next[lane]!]!);
    if (first === k) break;
    // No further than it must, so that the bytes past a row are read for short rows only.
    const window = Math.min(first, Math.max(k - WINDOW, 0));
    const at = windows.length * 32;
    windows.push(window);
    for (let lane = 0; lane < lanes; lane++) {
      for (let slot = lane * SLOTS; slot < (lane + 1) * SLOTS; slot++) {
        const entry = next[lane]!;
        if (entry >= ends[lane]! || rows[entry]! >= window + WINDOW) break;
        contents[at + slot] = rows[entry]! - window;
        contents[at + 16 + slot] = values[entry]!;
        next[lane] = entry + 1;
      }
    }
  }
  return { windows, contents: contents.slice(0, windows.length * 32) };
}

function writeHeader(
  view: DataView,
  at: number,
  { columns, bias, multipliers }: SparseI8Weights,
  column: number,
  steps: number,
): void {
  const { n, starts, values } = columns;
  view.setInt32(at, steps, true);
  for (let lane = 0; lane < Math.min(n - column, LANES); lane++) {
    let sum = 0;
    for (let entry = starts[column + lane]!; entry < starts[column + lane + 1]!; entry++)
      sum += values[entry]!;
    const to = at + 8 + lane * 4;
    view.setInt32(to, bias?.[column + lane] ?? 0, true);
    view.setInt32(to + LANES * 4, sum, true);
    view.setFloat32(to + LANES * 8, perColumn(multipliers, column + lane), true);
  }
}

function evenUp(count: number): number {
  return count + (count & 1);
}

/** Entry `column`, or the only one. Lengths are checked before. */
function perColumn(values: Float32Array, column: number): number {
  return values[values.length === 1 ? 0 : column]!;
}

function requireColumns({ columns, bias, multipliers }: SparseI8Weights): void {
  if (bias) requireLength('bias', bias.length, columns.n);
  if (multipliers.length !== 1) requireLength('multipliers', multipliers.length, columns.n);
}
