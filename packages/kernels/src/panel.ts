/** Columns of a packed panel. */
export const PANEL = 8;

/** What every packed matrix has: element (row, column) of data is at row * rowStride + column * columnStride. */
interface Matrix {
  readonly data: { readonly length: number };
  readonly k: number;
  readonly n: number;
  readonly rowStride: number;
  readonly columnStride: number;
  readonly bias?: { readonly length: number } | undefined;
}

/** @throws {RangeError} when the matrix or its bias is shorter than its shape says */
export function requireMatrix({ data, k, n, rowStride, columnStride, bias }: Matrix): void {
  const needed = k > 0 && n > 0 ? (k - 1) * rowStride + (n - 1) * columnStride + 1 : 0;
  requireLength('weights', data.length, needed);
  if (bias) requireLength('bias', bias.length, n);
}

/** @throws {RangeError} when `length` is below `needed` */
export function requireLength(what: string, length: number, needed: number): void {
  if (length < needed) throw new RangeError(`${what} has ${length} entries, its shape needs ${needed}.`);
}
