import { elementCount, InternalError } from '@espalier/core';
import { reductions, viewWords } from '@espalier/kernels';
import { type Argument, alignedDims, type Layout, memoryDims, pairCalls } from '@espalier/runtime/tape';
import { plus } from './argument.js';
import type { StepRecorder } from './step-recorder.js';

/** A kernel of two operands that repeats its second. */
export type PairKernel = 'addF32' | 'subF32' | 'mulF32' | 'divF32';

/** Elements and their shape; dims that are missing in front are 1. */
export interface Shaped {
  readonly dims: readonly number[];
  readonly at: Argument;
}

/** More calls than these are worth writing an operand out. */
const MOST_CALLS = 64;

/** Records an elementwise kernel under ONNX's broadcasting: y, of shape `dims`, from a and b, all in one layout. */
export function recordPair(
  step: StepRecorder,
  kernel: PairKernel,
  { dims, layout }: { readonly dims: readonly number[]; readonly layout: Layout },
  a: Shaped,
  b: Shaped,
  y: Argument,
  { low, high }: { readonly low: number; readonly high: number } = { low: -Infinity, high: Infinity },
): void {
  const size = elementCount(dims);
  const first = isFull(a.dims, dims) ? a.at : spread(step, dims, layout, a);
  let [second, bDims] = [b.at, alignedDims(b.dims, dims.length)];
  let calls = [...pairCalls(dims, bDims, layout)];
  if (calls.length > MOST_CALLS) {
    second = spread(step, dims, layout, b);
    bDims = dims;
    calls = [...pairCalls(dims, bDims, layout)];
  }
  if (size === 0) return;
  for (const { rows, columns, aOffset, bOffset, bRowStride, bColumnStride } of calls) {
    const [from, other, to] = [plus(first, aOffset * 4), plus(second, bOffset * 4), plus(y, aOffset * 4)];
    step.call(kernel, [rows, columns, from, other, bRowStride, bColumnStride, to, low, high]);
  }
}

/** Records the copy of an operand that is repeated to a shape. */
export function recordSpread(
  step: StepRecorder,
  { dims, layout }: { readonly dims: readonly number[]; readonly layout: Layout },
  from: Shaped,
  to: Argument,
): void {
  const own = memoryDims(alignedDims(from.dims, dims.length), layout);
  const strides = own.map((dim, axis) => (dim === 1 ? 0 : elementCount(own.slice(axis + 1))));
  const words = viewWords(memoryDims(dims, layout), strides, 4);
  if (words === null) throw new InternalError({ what: `A tensor of rank ${dims.length} can't be repeated.` });
  step.call('permute', [step.held(words), from.at, to]);
}

/**
 * Records the sum of a tensor over the axes along which an operand was repeated: the gradient of the operand from that of
 * the result.
 *
 * @param ownDims - those of the operand; each, from the last on, 1 or that of `dims`
 */
export function recordSumTo(
  step: StepRecorder,
  { dims, layout }: { readonly dims: readonly number[]; readonly layout: Layout },
  ownDims: readonly number[],
  from: Argument,
  to: Argument,
): void {
  const outer = memoryDims(dims, layout);
  const runs = runsOf(outer, memoryDims(alignedDims(ownDims, dims.length), layout));
  const first = runs.findIndex(({ isRepeated }) => isRepeated);
  if (first < 0) step.copy(elementCount(dims) * 4, from, to);
  // The last run first: what is before it stands as it did.
  let source = from;
  let inner = 1;
  for (const [index, { size, isRepeated }] of [...runs.entries()].reverse()) {
    if (!isRepeated) {
      inner *= size;
      continue;
    }
    const before = runs.slice(0, index).reduce((product, run) => product * run.size, 1);
    const target = index === first ? to : step.scratch(before * inner * 4);
    step.call('reduceF32', [reductions.sum, before, size, inner, source, target]);
    source = target;
  }
}

interface Run {
  readonly size: number;
  readonly isRepeated: boolean;
}

/** Neighbouring axes along which an operand is all repeated, or all there; those of one element are left out. */
function runsOf(dims: readonly number[], own: readonly number[]): readonly Run[] {
  const runs: Run[] = [];
  for (const [axis, size] of dims.entries()) {
    if (size === 1) continue;
    const isRepeated = own[axis] === 1;
    const last = runs.at(-1);
    if (last?.isRepeated === isRepeated) runs[runs.length - 1] = { size: last.size * size, isRepeated };
    else runs.push({ size, isRepeated });
  }
  return runs;
}

function isFull(own: readonly number[], dims: readonly number[]): boolean {
  return elementCount(own) === elementCount(dims);
}

function spread(step: StepRecorder, dims: readonly number[], layout: Layout, from: Shaped): Argument {
  const full = step.scratch(elementCount(dims) * 4);
  recordSpread(step, { dims, layout }, from, full);
  return full;
}
