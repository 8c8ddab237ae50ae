/** Elements between neighbours along each axis of a row-major array. */
export function stridesOf(dims: readonly number[]): number[] {
  const strides = new Array<number>(dims.length).fill(0);
  let stride = 1;
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= dims[axis] ?? 1;
  }
  return strides;
}

/** How an array is laid out around one axis: element (o, i, n) is at (o * length + i) * inner + n. */
export interface AxisSplit {
  readonly outer: number;
  readonly length: number;
  readonly inner: number;
}

export function splitAt(dims: readonly number[], axis: number): AxisSplit {
  let outer = 1;
  let inner = 1;
  for (let i = 0; i < dims.length; i++) {
    if (i < axis) outer *= dims[i] ?? 1;
    else if (i > axis) inner *= dims[i] ?? 1;
  }
  return { outer, length: dims[axis] ?? 1, inner };
}

/** An array read through strides of one's own: zero to repeat, negative to reverse. */
export interface View {
  readonly start: number;
  readonly strides: readonly number[];
}

/** Gets one row: `at` is its first element in the result, `starts` and `steps` are those of each view. */
export type RowVisitor = (
  at: number,
  starts: readonly number[],
  length: number,
  steps: readonly number[],
) => void;

/**
 * Walks a row-major result of shape `dims` row by row, together with views of the same shape. Axes that
 * every view steps through evenly are merged first, so that a broadcast over the last axes is one long
 * row. `starts` is reused between calls.
 */
export function forEachRow(dims: readonly number[], views: readonly View[], visit: RowVisitor): void {
  if (dims.includes(0)) return;
  const merged = mergeAxes(dims, views);
  const last = merged.dims.length - 1;
  const length = merged.dims[last] ?? 1;
  const steps = merged.strides.map((strides) => strides[last] ?? 0);
  const starts = views.map((view) => view.start);
  const index = new Array<number>(merged.dims.length).fill(0);
  for (let at = 0; ; at += length) {
    visit(at, starts, length, steps);
    let axis = last - 1;
    for (; axis >= 0; axis--) {
      const next = (index[axis] ?? 0) + 1;
      const size = merged.dims[axis] ?? 1;
      const carry = next === size;
      index[axis] = carry ? 0 : next;
      for (let v = 0; v < starts.length; v++) {
        const stride = merged.strides[v]?.[axis] ?? 0;
        starts[v] = (starts[v] ?? 0) + (carry ? -stride * (size - 1) : stride);
      }
      if (!carry) break;
    }
    if (axis < 0) return;
  }
}

interface MergedAxes {
  readonly dims: number[];
  readonly strides: number[][];
}

function mergeAxes(dims: readonly number[], views: readonly View[]): MergedAxes {
  const merged: MergedAxes = { dims: [], strides: views.map(() => []) };
  for (let axis = 0; axis < dims.length; axis++) {
    const size = dims[axis] ?? 1;
    if (size === 1) continue;
    const last = merged.dims.length - 1;
    const even =
      last >= 0 && views.every((view, v) => merged.strides[v]?.[last] === (view.strides[axis] ?? 0) * size);
    if (even) merged.dims[last] = (merged.dims[last] ?? 1) * size;
    else merged.dims.push(size);
    const place = even ? last : last + 1;
    for (const [v, view] of views.entries()) {
      const strides = merged.strides[v];
      if (strides !== undefined) strides[place] = view.strides[axis] ?? 0;
    }
  }
  return merged;
}

/** Offsets of all elements of a sub-array with these dims and strides, in row-major order. */
export function offsetsOf(dims: readonly number[], strides: readonly number[]): Int32Array {
  let count = 1;
  for (const dim of dims) count *= dim;
  const offsets = new Int32Array(count);
  forEachRow(dims, [{ start: 0, strides }], (at, [start = 0], length, [step = 0]) => {
    for (let i = 0; i < length; i++) offsets[at + i] = start + i * step;
  });
  return offsets;
}
