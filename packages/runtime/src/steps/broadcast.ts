import { elementCount } from '@espalier/core';
import { type Layout, layoutsAgree, memoryDims } from '../memory/layout.js';

/**
 * One call of a two-operand kernel: `a` is [rows, columns], dense; b is read by strides. Offsets are in
 * elements.
 */
export interface PairCall {
  readonly rows: number;
  readonly columns: number;
  readonly aOffset: number;
  readonly bOffset: number;
  readonly bRowStride: number;
  readonly bColumnStride: number;
}

/** The shape of two operands together; null where they do not fit (ONNX multidirectional broadcasting). */
export function broadcastDims(a: readonly number[], b: readonly number[]): readonly number[] | null {
  const rank = Math.max(a.length, b.length);
  const dims: number[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const x = a[axis - rank + a.length] ?? 1;
    const y = b[axis - rank + b.length] ?? 1;
    if (x !== y && x !== 1 && y !== 1) return null;
    dims.push(x === 1 ? y : x);
  }
  return dims;
}

/**
 * The calls that pair `a` with a `b` that is repeated to its shape, both in the same layout.
 *
 * The shape is cut, from the end, into columns over which b is all there or all one value, then rows of
 * the same, and what is left is one call each.
 *
 * @param dims - of a, and of the result
 * @param bDims - of the same rank, each 1 or that of `dims`
 */
export function* pairCalls(
  dims: readonly number[],
  bDims: readonly number[],
  layout: Layout,
): Generator<PairCall> {
  const outer = memoryDims(dims, layout);
  const inner = memoryDims(bDims, layout);
  const columns = runFrom(outer, inner, outer.length);
  const rows = runFrom(outer, inner, columns.start);
  const bColumns = columns.repeated ? 1 : columns.size;
  const bBlock = bColumns * (rows.repeated ? 1 : rows.size);
  const lead = outer.slice(0, rows.start);
  const block = rows.size * columns.size;
  const count = block === 0 ? 0 : elementCount(lead);
  for (let index = 0; index < count; index++) {
    yield {
      rows: rows.size,
      columns: columns.size,
      aOffset: index * block,
      bOffset: repeatedIndex(index, lead, inner) * bBlock,
      bRowStride: rows.repeated ? 0 : bColumns,
      bColumnStride: columns.repeated ? 0 : 1,
    };
  }
}

interface Run {
  readonly start: number;
  readonly size: number;
  readonly repeated: boolean;
}

/** The longest run of axes before `end` over which b is all repeated, or all there. */
function runFrom(dims: readonly number[], bDims: readonly number[], end: number): Run {
  let start = end;
  let repeated: boolean | null = null;
  for (; start > 0; start--) {
    const size = dims[start - 1] ?? 1;
    if (size === 1) continue;
    const here = bDims[start - 1] === 1;
    if (repeated !== null && repeated !== here) break;
    repeated = here;
  }
  return { start, size: elementCount(dims.slice(start, end)), repeated: repeated ?? true };
}

/**
 * The row-major index into an operand for a row-major index into the result. Computed, not looked up:
 * there may be more indices than memory.
 *
 * @param own - the operand's dims, each 1 or that of `dims`; further ones are ignored
 */
export function repeatedIndex(index: number, dims: readonly number[], own: readonly number[]): number {
  let rest = index;
  let stride = 1;
  let found = 0;
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    const size = dims[axis] ?? 1;
    const ownSize = own[axis] ?? 1;
    if (ownSize !== 1) found += (rest % size) * stride;
    stride *= ownSize;
    rest = Math.floor(rest / size);
  }
  return found;
}

/** `dims` with ones before it, up to a rank. */
export function alignedDims(dims: readonly number[], rank: number): readonly number[] {
  return [...new Array<number>(Math.max(0, rank - dims.length)).fill(1), ...dims];
}

/**
 * The layout in which operands meet with the least work. Channels-last only where each of them has the
 * rank of the result, or stands in memory the same in both.
 */
export function commonLayout(
  dims: readonly number[],
  operands: readonly { readonly dims: readonly number[]; readonly layout: Layout }[],
): Layout {
  const possible = operands.every(
    (operand) => operand.dims.length === dims.length || layoutsAgree(alignedDims(operand.dims, dims.length)),
  );
  return possible && operands.some((operand) => operand.layout === 'channels-last')
    ? 'channels-last'
    : 'row-major';
}

/** Writes b repeated to the shape that `calls` were made for. */
export function writeRepeated<T extends Float32Array | Int8Array | Int16Array>(
  b: T,
  to: T,
  calls: Iterable<PairCall>,
): void {
  for (const { rows, columns, aOffset, bOffset, bRowStride, bColumnStride } of calls) {
    for (let row = 0; row < rows; row++) {
      const from = bOffset + row * bRowStride;
      const at = aOffset + row * columns;
      for (let i = 0; i < columns; i++) to[at + i] = b[from + i * bColumnStride] as number; // within the shape
    }
  }
}
