/** Bytes of the plan that `permute` reads. */
export const PERMUTE_BYTES: number = 17 * 4;

/** Axes `permute` can tell apart, after those that stay together have been joined. */
const MOST_OUTER = 4;

/** An axis of the result: its size, and how far apart its elements are in x and y, in elements. */
interface Axis {
  readonly size: number;
  readonly xStride: number;
  readonly yStride: number;
}

const one: Axis = { size: 1, xStride: 0, yStride: 0 };

/**
 * The int32 words that `permute` reads to transpose a tensor: write them to a 4 byte aligned place of PERMUTE_BYTES bytes.
 *
 * @param dims - of the tensor
 * @param permutation - axis i of the result is axis permutation[i] of the tensor (ONNX Transpose)
 * @param elementBytes - 1 or 4
 * @returns null where more than 6 axes are left after neighbours that stay neighbours are joined
 */
export function permuteWords(
  dims: readonly number[],
  permutation: readonly number[],
  elementBytes: 1 | 4,
): Int32Array | null {
  const strides = dims.map((_, axis) => dims.slice(axis + 1).reduce((a, b) => a * b, 1));
  const pick = (values: readonly number[]): number[] => permutation.map((axis) => values[axis] ?? 1);
  return viewWords(pick(dims), pick(strides), elementBytes);
}

/**
 * The words for any view of a tensor, copied densely: a slice with steps, a repetition, a transpose. The address that
 * `permute` takes for x is that of the view's first element.
 *
 * @param dims - of the view
 * @param strides - elements of the tensor from one to the next along each axis; 0 repeats, less than 0 walks back
 * @param elementBytes - 1 or 4
 * @returns null where more than 6 axes are left after those that can be one are joined, or more than 5 of which none is
 *   dense
 */
export function viewWords(
  dims: readonly number[],
  strides: readonly number[],
  elementBytes: 1 | 4,
): Int32Array | null {
  const axes = joinedAxes(dims, strides);
  const last = axes.pop() ?? { size: 1, xStride: 1, yStride: 1 };
  // The matrix is made of the last axis and of the one that is dense in x, or of rows where that is the last too.
  const isDense = last.xStride === 1;
  const denseIndex = axes.findIndex(({ xStride }) => xStride === 1);
  const taken = isDense ? axes.splice(-1) : denseIndex < 0 ? [] : axes.splice(denseIndex, 1);
  const partner = taken[0] ?? one;
  const outer = [...Array.from({ length: Math.max(0, MOST_OUTER - axes.length) }, () => one), ...axes];
  if (outer.length > MOST_OUTER) return null;
  const bytes = (values: readonly number[]): number[] => values.map((value) => value * elementBytes);
  return Int32Array.from([
    ...outer.map(({ size }) => size),
    ...bytes(outer.map(({ xStride }) => xStride)),
    ...bytes(outer.map(({ yStride }) => yStride)),
    ...(isDense
      ? [partner.size, ...bytes([last.size, partner.xStride, partner.yStride]), 0]
      : [last.size, partner.size, ...bytes([last.xStride, partner.yStride]), elementBytes]),
  ]);
}

/** The axes of the result; those of one element left out, neighbours that stand alike joined. */
function joinedAxes(dims: readonly number[], strides: readonly number[]): Axis[] {
  const axes: Axis[] = [];
  let yStride = 1;
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    const size = dims[axis] ?? 1;
    const xStride = strides[axis] ?? 1;
    const inner = axes[0];
    if (size === 1) continue;
    if (inner !== undefined && xStride === inner.xStride * inner.size) {
      axes[0] = { ...inner, size: size * inner.size };
    } else {
      axes.unshift({ size, xStride, yStride });
    }
    yStride *= size;
  }
  return axes;
}
