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
