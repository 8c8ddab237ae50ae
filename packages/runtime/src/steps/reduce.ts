import { elementCount, ShapeError } from '@espalier/core';
import { type ReductionName, reductions, unaryFunctions } from '@espalier/kernels';
import { Activation } from '../memory/activation.js';
import type { Layout } from '../memory/layout.js';
import { type Compute, type Job, type Planned, type Refusal, refuse } from '../plan/job.js';
import type { Address } from '../tape/block.js';
import type { Recorder } from '../tape/recorder.js';
import { memoryAxis, splitAround } from './axes.js';
import { isFloat32Value, needed } from './operands.js';

const kinds: Readonly<Record<string, ReductionName>> = {
  GlobalMaxPool: 'max',
  ReduceL1: 'l1',
  ReduceL2: 'l2',
  ReduceMax: 'max',
  ReduceMean: 'mean',
  ReduceMin: 'min',
  ReduceSum: 'sum',
  ReduceSumSquare: 'sumSquare',
};

/** The operators that `planReduce` knows. */
export const reducingOperators: readonly string[] = Object.keys(kinds);

/** What is left to do with results of a reduction when there is another axis to go. */
const further: Readonly<Record<ReductionName, ReductionName>> = {
  sum: 'sum',
  mean: 'mean',
  max: 'max',
  min: 'min',
  sumSquare: 'sum',
  l1: 'sum',
  l2: 'sum',
};

type AxesOf = (rank: number) => readonly number[] | null;

/** Reductions in float32 over constant axes: one kernel call for each run of axes that stand together. */
export function planReduce(job: Job): Planned | Refusal {
  const { node } = job;
  const kind = kinds[node.op];
  if (kind === undefined || !isFloat32Value(node.inputs[0])) return refuse('it is not float32');
  const axesOf = readAxes(job);
  if (typeof axesOf !== 'function') return axesOf;
  const keep = node.op === 'GlobalMaxPool' || node.attributes.int('keepdims', 1) !== 0;
  const compute: Compute = (inputs, recorder) => {
    const x = needed(inputs, 0, job);
    const axes = axesOf(x.dims.length);
    if (axes === null) {
      throw new ShapeError({
        what: `${node.op} reduces axes that its input of rank ${x.dims.length} does not have.`,
        where: `node "${node.name}"`,
      });
    }
    const dims = x.dims.flatMap((dim, axis) => (!axes.includes(axis) ? [dim] : keep ? [1] : []));
    const y = Activation.reals(recorder, dims, 'row-major');
    reduce(recorder, x, axes, kind, y.reals('row-major'));
    return [y];
  };
  return { compute, packed: [1] };
}

/** The axes for a rank, each once and in order; null where it has too few. */
function readAxes({ node, constant }: Job): AxesOf | Refusal {
  const all: AxesOf = (rank) => Array.from({ length: rank }, (_, axis) => axis);
  if (node.op === 'GlobalMaxPool') return (rank) => all(rank)?.slice(2) ?? null;
  const given = node.inputs[1];
  const tensor = constant(given);
  if (given != null && tensor === null) return refuse('its axes are not constant');
  const axes = tensor === null ? [] : Array.from(tensor.data as BigInt64Array, Number);
  if (axes.length === 0) return node.attributes.int('noop_with_empty_axes', 0) !== 0 ? () => [] : all;
  return (rank) => {
    if (axes.some((axis) => axis < -rank || axis >= rank)) return null;
    return [...new Set(axes.map((axis) => (axis + rank) % rank))].sort((a, b) => a - b);
  };
}

/** Reduces run after run, the last first, so that the strides of those before stay as they are. */
function reduce(
  recorder: Recorder,
  x: Activation,
  axes: readonly number[],
  kind: ReductionName,
  to: Address,
): void {
  const layout = layoutFor(x, axes);
  const rank = x.dims.length;
  const inMemory = axes.map((axis) => memoryAxis(axis, rank, layout)).sort((a, b) => a - b);
  const runs = runsOf(inMemory);
  const isRoot = kind === 'l2' && runs.length > 1;
  let step: ReductionName = isRoot ? 'sumSquare' : kind;
  let from = x.reals(layout);
  let dims = x.dims;
  for (const [index, { first, end }] of runs.entries()) {
    const { outer, length, inner } = splitAround(dims, layout, first, end);
    const isLast = index === runs.length - 1;
    const block = isLast ? null : recorder.scratch(outer * inner * 4);
    recorder.call('reduceF32', [reductions[step], outer, length, inner, from, block ?? to]);
    from = block ?? to;
    // Reduced axes are 1 from here on: logical dims, as splitAround wants them.
    const done = new Set(inMemory.slice(inMemory.indexOf(first)));
    dims = x.dims.map((dim, axis) => (done.has(memoryAxis(axis, rank, layout)) ? 1 : dim));
    step = further[step];
  }
  if (isRoot) {
    const count = elementCount(dims);
    recorder.call('unaryF32', [unaryFunctions.sqrt, count, to, to, 0, 0]);
  }
}

/** Channels-last where that is how x stands, and what is left of it stands in memory as its dims say. */
function layoutFor(x: Activation, axes: readonly number[]): Layout {
  const left = x.dims.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const channelsLeft = left.includes(1);
  const isOrdered = !channelsLeft || left.every((axis) => axis < 2);
  return isOrdered ? x.layout : 'row-major';
}

interface AxisRun {
  readonly first: number;
  readonly end: number;
}

/** Neighbouring axes together, the last run first; a reduction of no axis is one of a run of none. */
function runsOf(axes: readonly number[]): AxisRun[] {
  const runs: AxisRun[] = [];
  for (const axis of axes) {
    const last = runs[0];
    if (last?.end === axis) runs[0] = { first: last.first, end: axis + 1 };
    else runs.unshift({ first: axis, end: axis + 1 });
  }
  return runs.length === 0 ? [{ first: 0, end: 0 }] : runs;
}
