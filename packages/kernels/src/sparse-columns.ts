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
  return collect(data, null, layout);
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
  // With one element or one column both strides are 1: either reading is right.
  const columnMajor = rowStride === 1;
  const width = columnMajor ? k : n;
  const count = positions === null ? k * n : values.length;
  const starts = new Uint32Array(n + 1);
  const lines = new Lines(width, positions);
  for (let i = 0; i < count; i++) {
    if (values[i] === 0) continue;
    lines.moveTo(i);
    const column = columnMajor ? lines.line : lines.place;
    starts[column + 1] = starts[column + 1]! + 1;
  }
  for (let column = 0; column < n; column++) starts[column + 1] = starts[column + 1]! + starts[column]!;
  const rows = new Uint16Array(starts[n]!);
  const kept = (
    values instanceof Float32Array ? new Float32Array(rows.length) : new Int8Array(rows.length)
  ) as Values; // the class of `values`
  const next = starts.slice(0, n);
  lines.restart();
  for (let i = 0; i < count; i++) {
    const value = values[i]!;
    if (value === 0) continue;
    lines.moveTo(i);
    const column = columnMajor ? lines.line : lines.place;
    const at = next[column]!;
    next[column] = at + 1;
    rows[at] = columnMajor ? lines.place : lines.line;
    kept[at] = value;
  }
  return { k, n, starts, rows, values: kept };
}

/** Turns rising positions into lines of the matrix as it is stored, and places in them, without dividing each. */
class Lines {
  line = 0;
  place = 0;
  readonly #width: number;
  readonly #positions: Uint32Array | null;
  #start = 0;

  constructor(width: number, positions: Uint32Array | null) {
    this.#width = width;
    this.#positions = positions;
  }

  restart(): void {
    this.line = 0;
    this.#start = 0;
  }

  moveTo(index: number): void {
    const position = this.#positions === null ? index : this.#positions[index]!;
    if (position - this.#start >= this.#width) {
      this.line = Math.floor(position / this.#width);
      this.#start = this.line * this.#width;
    }
    this.place = position - this.#start;
  }
}
