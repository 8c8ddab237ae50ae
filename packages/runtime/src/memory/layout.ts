/** How the elements of a tensor stand in memory: as its dims say, or with dimension 1 moved to the end (NHWC). */
export type Layout = 'row-major' | 'channels-last';

/** Shape seen as [batch, channels, spatial]. */
interface Planes {
  readonly batch: number;
  readonly channels: number;
  readonly spatial: number;
}

function planesOf(dims: readonly number[]): Planes {
  let spatial = 1;
  for (let i = 2; i < dims.length; i++) spatial *= dims[i] ?? 1;
  return { batch: dims[0] ?? 1, channels: dims[1] ?? 1, spatial };
}

/** Whether both layouts put every element at the same place. */
export function layoutsAgree(dims: readonly number[]): boolean {
  if (dims.length < 3) return true;
  const { channels, spatial } = planesOf(dims);
  return channels <= 1 || spatial <= 1;
}

/** Writes row-major elements in the order channels-last. */
export function writeChannelsLast<T extends Float32Array | Int8Array>(
  from: T,
  to: T,
  dims: readonly number[],
): void {
  const { batch, channels, spatial } = planesOf(dims);
  for (let n = 0; n < batch; n++) transpose(from, to, n * channels * spatial, channels, spatial);
}

/** Writes channels-last elements in row-major order. */
export function writeRowMajor<T extends Float32Array | Int8Array>(
  from: T,
  to: T,
  dims: readonly number[],
): void {
  const { batch, channels, spatial } = planesOf(dims);
  for (let n = 0; n < batch; n++) transpose(from, to, n * channels * spatial, spatial, channels);
}

/** [rows, columns] at `base` of `from` to [columns, rows] at `base` of `to`. */
function transpose<T extends Float32Array | Int8Array>(
  from: T,
  to: T,
  base: number,
  rows: number,
  columns: number,
): void {
  for (let row = 0; row < rows; row++) {
    const start = base + row * columns;
    let at = base + row;
    for (let column = 0; column < columns; column++) {
      to[at] = from[start + column] as number; // both have rows * columns elements past base
      at += rows;
    }
  }
}
