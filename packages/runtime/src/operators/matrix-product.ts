import type { Numbers } from './elements.js';

// Indices below run within the arrays they index: `!` drops the undefined that TypeScript adds.

/** Where one matrix lies in an array: element (r, c) is at start + r * rowStride + c * columnStride. */
export interface MatrixPlace {
  readonly start: number;
  readonly rowStride: number;
  readonly columnStride: number;
}

/**
 * out = a * b for one pair of matrices, [m, k] by [k, n], summed in double.
 *
 * @param out - [m, n] row-major, from `outStart` on; float64 keeps the sums as they are
 */
export function multiply(
  a: Numbers,
  aPlace: MatrixPlace,
  b: Numbers,
  bPlace: MatrixPlace,
  out: Numbers,
  outStart: number,
  [m, k, n]: readonly [number, number, number],
): void {
  const sums = new Float64Array(n);
  for (let row = 0; row < m; row++) {
    const aRow = aPlace.start + row * aPlace.rowStride;
    // Walk b the way it lies in memory: down its columns when it is transposed or has only one.
    if (bPlace.rowStride === 1 || n === 1) dotColumns(a, aRow, aPlace.columnStride, b, bPlace, k, sums);
    else addRows(a, aRow, aPlace.columnStride, b, bPlace, k, sums);
    out.set(sums, outStart + row * n);
  }
}

function dotColumns(
  a: Numbers,
  aRow: number,
  aStep: number,
  b: Numbers,
  { start, rowStride, columnStride }: MatrixPlace,
  k: number,
  sums: Float64Array,
): void {
  for (let column = 0; column < sums.length; column++) {
    const first = start + column * columnStride;
    let sum = 0;
    for (let i = 0; i < k; i++) sum += a[aRow + i * aStep]! * b[first + i * rowStride]!;
    sums[column] = sum;
  }
}

function addRows(
  a: Numbers,
  aRow: number,
  aStep: number,
  b: Numbers,
  { start, rowStride, columnStride }: MatrixPlace,
  k: number,
  sums: Float64Array,
): void {
  sums.fill(0);
  for (let i = 0; i < k; i++) {
    const factor = a[aRow + i * aStep]!;
    const first = start + i * rowStride;
    for (let column = 0; column < sums.length; column++) {
      sums[column] = sums[column]! + factor * b[first + column * columnStride]!;
    }
  }
}

/** The same for integers: `add(sum, a, b)` is sum + a * b with the wrap-around of the type. */
export function multiplyExact<E>(
  a: { readonly [index: number]: E },
  aPlace: MatrixPlace,
  b: { readonly [index: number]: E },
  bPlace: MatrixPlace,
  out: { [index: number]: E },
  outStart: number,
  [m, k, n]: readonly [number, number, number],
  zero: E,
  add: (sum: E, a: E, b: E) => E,
): void {
  for (let row = 0; row < m; row++) {
    for (let column = 0; column < n; column++) {
      let sum = zero;
      for (let i = 0; i < k; i++) {
        const left = a[aPlace.start + row * aPlace.rowStride + i * aPlace.columnStride]!;
        sum = add(sum, left, b[bPlace.start + i * bPlace.rowStride + column * bPlace.columnStride]!);
      }
      out[outStart + row * n + column] = sum;
    }
  }
}
