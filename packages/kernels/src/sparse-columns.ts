import { requireLength } from './panel.js';

/** Element (row, column) of a [k, n] matrix is at row * rowStride + column * columnStride; one stride is 1. */
export interface MatrixLayout {
  readonly k: number;
  readonly n: number;
  readonly rowStride: number;
  readonly columnStride: number;
}

/** The elements of a [k, n] matrix that are not zero, column by column. */
export interface SparseColumns<Values extends Float32Array | Int8Array> {
  readonly k: number;
  readonly n: number;
  /** shape [n + 1]: entries of column c are those from starts[c] up to starts[c + 1] */
  readonly starts: Uint32Array;
  /** The row of each entry; rising within a column. */
  readonly rows: Uint16Array;
  readonly values: Values;
}

/** Rows that a sparse matrix may have: places are 16 bits wide. */
export const MOST_SPARSE_ROWS = 65536;

/**
 * The non-zero elements of a matrix that is held in full.
 *
 * @throws {RangeError} when `data` is shorter than the matrix, or the matrix has more than 65,536 rows
 */
export function sparseColumns<Values extends Float32Array | Int8Array>(
  data: Values,
  layout: MatrixLayout,
): SparseColumns<Values> {
  requireLength('weights', data.length, layout.k * layout.n);
  return collect(data.subarray(0, layout.k * layout.n) as Values, null, layout); // subarray keeps the class
}

/**
 * The non-zero elements of a matrix of which only some are held: nothing of the size of the whole is made.
 *
 * @param values - those that are held
 * @param positions - where each stands in the whole, counted row by row as it is stored; rising
 * @throws {RangeError} when there are not as many positions as values, one lies outside, or the matrix has more
 *   than 65,536 rows
 */
export function sparseColumnsAt<Values extends Float32Array | Int8Array>(
  values: Values,
  positions: Uint32Array,
  layout: MatrixLayout,
): SparseColumns<Values> {
  requireLength('positions', positions.length, values.length);
  const last = positions[values.length - 1] ?? -1;
  if (last >= layout.k * layout.n)
    throw new RangeError(`The position ${last} is outside of a matrix of ${layout.k} x ${layout.n}.`);
  return collect(values, positions, layout);
}

function collect<Values extends Float32Array | Int8Array>(
  values: Values,
  positions: Uint32Array | null,
  { k, n, rowStride }: MatrixLayout,
): SparseColumns<Values> {
  if (k > MOST_SPARSE_ROWS)
    throw new RangeError(`A sparse matrix has ${k} rows, ${MOST_SPARSE_ROWS} are the most.`);
  let count = 0;
  for (let i = 0; i < values.length; i++) if (values[i] !== 0) count++;
  const columns = {
    k,
    n,
    starts: new Uint32Array(n + 1),
    rows: new Uint16Array(count),
    // The class of `values`.
    values: (values instanceof Float32Array ? new Float32Array(count) : new Int8Array(count)) as Values,
  };
  // With one row or one column both strides are 1: either reading is right.
  if (rowStride === 1) collectColumns(values, positions, columns);
  else collectRows(values, positions, columns);
  return columns;
}

/** From a matrix that stands column after column: its elements are in order already. */
function collectColumns(
  values: Float32Array | Int8Array,
  positions: Uint32Array | null,
  { k, n, starts, rows, values: kept }: SparseColumns<Float32Array | Int8Array>,
): void {
  let at = 0;
  let column = 0;
  let start = 0;
  for (let i = 0; i < values.length && at < kept.length; i++) {
    const value = values[i]!;
    if (value === 0) continue;
    const position = positions === null ? i : positions[i]!;
    for (; position - start >= k; start += k) starts[++column] = at;
    rows[at] = position - start;
    kept[at++] = value;
  }
  while (column < n) starts[++column] = at;
}

/** From a matrix that stands row after row: sorted by column, by counting. */
function collectRows(
  values: Float32Array | Int8Array,
  positions: Uint32Array | null,
  { n, starts, rows, values: kept }: SparseColumns<Float32Array | Int8Array>,
): void {
  for (let i = 0; i < values.length; i++) {
    if (values[i] === 0) continue;
    const column = (positions === null ? i : positions[i]!) % n;
    starts[column + 1] = starts[column + 1]! + 1;
  }
  for (let column = 0; column < n; column++) starts[column + 1] = starts[column + 1]! + starts[column]!;
  const next = starts.slice(0, n);
  let row = 0;
  let start = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value === 0) continue;
    const position = positions === null ? i : positions[i]!;
    for (; position - start >= n; start += n) row++;
    const column = position - start;
    const at = next[column]!;
    next[column] = at + 1;
    rows[at] = row;
    kept[at] = value;
  }
}

/**
 * The columns of a convolution's weights, [channel, tap] as ONNX stores them, in the order in which kernels sum:
 * [tap, channel].
 *
 * @param taps - kernel height * kernel width; the rows of `columns` are channels * taps
 */
export function tapsFirstColumns<Values extends Float32Array | Int8Array>(
  columns: SparseColumns<Values>,
  taps: number,
): SparseColumns<Values> {
  if (taps === 1) return columns;
  const { k, n, starts, rows, values } = columns;
  const channels = k / taps;
  const sorted = new Uint16Array(rows.length);
  const moved = values.slice() as Values; // slice keeps the class
  const next = new Uint32Array(taps);
  for (let column = 0; column < n; column++) {
    const [start, end] = [starts[column]!, starts[column + 1]!];
    // Within a tap channels rise already: sorting by tap is all there is to do.
    next.fill(0);
    for (let entry = start; entry < end; entry++) {
      const after = (rows[entry]! % taps) + 1;
      if (after < taps) next[after] = next[after]! + 1;
    }
    for (let tap = 0, at = start; tap < taps; tap++) {
      at += next[tap]!;
      next[tap] = at;
    }
    for (let entry = start; entry < end; entry++) {
      const row = rows[entry]!;
      const tap = row % taps;
      const at = next[tap]!;
      next[tap] = at + 1;
      sorted[at] = tap * channels + (row - tap) / taps;
      moved[at] = values[entry]!;
    }
  }
  return { k, n, starts, rows: sorted, values: moved };
}
