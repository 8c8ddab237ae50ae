/** A row-major shape seen as [outer, slices, inner], where `slices` is the dimension `axis`. */
export interface SliceLayout {
  readonly outer: number;
  readonly slices: number;
  readonly inner: number;
}

export function sliceLayout(dims: readonly number[], axis: number): SliceLayout {
  let outer = 1;
  let inner = 1;
  for (let i = 0; i < dims.length; i++) {
    if (i < axis) outer *= dims[i] ?? 1;
    else if (i > axis) inner *= dims[i] ?? 1;
  }
  return { outer, slices: dims[axis] ?? 1, inner };
}

/** A row-major shape seen as [outer, length, inner], cut along `length` into blocks: as [outer, blocks, inner]. */
export interface BlockLayout {
  readonly outer: number;
  readonly length: number;
  readonly inner: number;
  /** Elements along `length` of a block; the last one of a row may have fewer. */
  readonly blockSize: number;
  readonly blocks: number;
}

export function blockLayout(dims: readonly number[], axis: number, blockSize: number): BlockLayout {
  const { outer, slices, inner } = sliceLayout(dims, axis);
  return { outer, length: slices, inner, blockSize, blocks: Math.ceil(slices / blockSize) };
}
