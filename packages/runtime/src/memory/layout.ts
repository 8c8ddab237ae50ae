/** How the elements of a tensor stand in memory: as its dims say, or with dimension 1 moved to the end (NHWC). */
export type Layout = 'row-major' | 'channels-last';

/** A shape seen as [batch, channels, spatial]. */
export interface Planes {
  readonly batch: number;
  readonly channels: number;
  readonly spatial: number;
}

export function planesOf(dims: readonly number[]): Planes {
  let spatial = 1;
  for (let i = 2; i < dims.length; i++) spatial *= dims[i] ?? 1;
  return { batch: dims[0] ?? 1, channels: dims[1] ?? 1, spatial };
}

/** Whether a shape is that of pictures in colours, channels before rows and columns. */
export function isPicture(dims: readonly number[]): boolean {
  return dims.length === 4 && dims[1] === 3 && planesOf(dims).spatial >= 256;
}

/** Whether both layouts put every element at the same place. */
export function layoutsAgree(dims: readonly number[]): boolean {
  if (dims.length < 3) return true;
  const { channels, spatial } = planesOf(dims);
  return channels <= 1 || spatial <= 1;
}

/** The shape in the order the elements stand in memory. */
export function memoryDims(dims: readonly number[], layout: Layout): readonly number[] {
  if (layout === 'row-major' || dims.length < 3) return dims;
  return [dims[0] ?? 1, ...dims.slice(2), dims[1] ?? 1];
}

/** The inverse of `memoryDims`. */
export function logicalDims(dims: readonly number[], layout: Layout): readonly number[] {
  if (layout === 'row-major' || dims.length < 3) return dims;
  return [dims[0] ?? 1, dims.at(-1) ?? 1, ...dims.slice(1, -1)];
}

export function sameDims(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let axis = 0; axis < a.length; axis++) if (a[axis] !== b[axis]) return false;
  return true;
}
