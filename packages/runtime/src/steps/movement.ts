import { type Attributes, Tensor } from '@espalier/core';
import { Activation } from '../memory/activation.js';
import { codeOf, type Grid, sameGrid } from '../memory/grid.js';
import { type Layout, logicalDims, memoryDims } from '../memory/layout.js';
import { operatorOf } from '../operators/lookup.js';
import type { OperatorEntry } from '../operators/operator.js';
import { type Compute, type Job, type Planned, type Refusal, refuse } from '../plan/job.js';
import { gatherElements } from './gather-elements.js';
import { channelsLastCall } from './memory-order.js';
import { gridOfValue, isFloat32Value, needed } from './operands.js';
import { moveToGrid } from './pool.js';

/**
 * Operators whose results are elements of their first input, and that have no better kernel: they do with codes what
 * they do with reals.
 */
export const movementOperators: readonly string[] = [
  'DepthToSpace',
  'Gather',
  'GatherElements',
  'GatherND',
  'SpaceToDepth',
  'Tile',
];

/** An operator that moves elements, over codes. */
export function planMovementInt8(job: Job): Planned | Refusal {
  return planOnCodes(job, () => null, 0);
}

/** An operator that moves elements, over float32. */
export function planMovementFloat32(job: Job): Planned | Refusal {
  return planOnReals(job, 0);
}

/** The value that Pad pads with; null where it is not constant. */
function padValue({ node, constant }: Job): number | null {
  const value = constant(node.inputs[2]);
  return node.inputs[2] != null && value === null ? null : Number(value?.data[0] ?? 0);
}

/** Pad over codes: what it pads with becomes a code, and saturates as the result would. */
export function planPadInt8(job: Job): Planned | Refusal {
  const fill = padValue(job);
  if (fill === null) return refuse('its value is not constant');
  const code = (x: Grid) => new Tensor('int8', Int8Array.of(codeOf(fill, x)), []);
  return planOnCodes(job, (index, x) => (index === 2 ? code(x) : null), fill);
}

/** Pad over float32. */
export function planPadFloat32(job: Job): Planned | Refusal {
  const fill = padValue(job);
  return fill === null ? refuse('its value is not constant') : planOnReals(job, fill);
}

type Replace = (index: number, x: Grid) => Tensor | null;

/** Whether a kernel can do it: what moves where depends on nothing that is fed. */
export function isSettled(entry: OperatorEntry, inputs: readonly (Activation | null)[]): boolean {
  return entry.types.includes('int32') && inputs.slice(1).every((input) => input === null || input.isFixed);
}

/** Float32 elements by a kernel where shapes alone decide, or else by the plain operator. */
export function planOnReals(job: Job, fill: number): Planned | Refusal {
  const { node } = job;
  const entry = operatorOf(node);
  if (entry === undefined || !isFloat32Value(node.inputs[0])) return refuse('it is not float32');
  const plain = planAxisOperatorPlain(job);
  if ('reason' in plain) return plain;
  const compute: Compute = (inputs, recorder) => {
    if (!isSettled(entry, inputs)) return plain.compute(inputs, recorder);
    return gatherElements(job, entry, inputs, needed(inputs, 0, job), { grids: null, fill }, recorder);
  };
  return { compute };
}

/**
 * Codes by a kernel where shapes alone decide, or else by the plain operator.
 *
 * @param replace - a tensor to take for an input, or null for the input as it is
 * @param fill - the real that stands for elements that are added; null where elements are not only moved
 */
export function planOnCodes(job: Job, replace: Replace, fill: number | null): Planned | Refusal {
  const { node } = job;
  const entry = operatorOf(node);
  const x = gridOfValue(node.inputs[0]);
  const grids = job.outputs.map((value) => (value === null ? null : gridOfValue(value)));
  if (entry === undefined || !entry.types.includes('int8')) return refuse('it is not implemented for int8');
  if (x === null || job.outputs.some((value, i) => value !== null && grids[i] === null)) {
    return refuse('it is not quantized');
  }
  const compute: Compute = (inputs, recorder) => {
    const from = needed(inputs, 0, job);
    if (fill !== null && isSettled(entry, inputs)) {
      return gatherElements(job, entry, inputs, from, { grids: { x, y: grids }, fill }, recorder);
    }
    const call = prepare(job, entry, inputs, (index) => replace(index, x));
    const { layout } = call;
    from.codes(layout);
    const run = () => call.run(new Tensor('int8', from.codeView(layout), memoryDims(from.dims, layout)));
    const results = run().map((result, index) => {
      const grid = grids[index];
      return result === null || grid == null ? null : Activation.codes(recorder, result.dims, layout, grid);
    });
    recorder.host(() => {
      for (const [index, result] of run().entries()) {
        if (result !== null)
          refill(results[index], result.dims, (to) => to.codeView(layout).set(result.data as Int8Array)); // an operator that moves keeps the type
      }
    });
    for (const [index, to] of results.entries()) {
      const grid = grids[index];
      if (to == null || grid == null || sameGrid(x, grid)) continue;
      moveToGrid(recorder, to.size, to.codes(layout), to.codes(layout), { x, y: grid });
    }
    return results;
  };
  return { compute };
}

/** Writes a result where it was when the run was recorded. */
function refill(
  to: Activation | null | undefined,
  dims: readonly number[],
  write: (to: Activation) => void,
): void {
  if (to == null) return;
  to.requireDims(dims);
  write(to);
}

/** Operators that move or mix elements, over float32 by their plain implementations, in the layout at hand. */
export function planAxisOperatorPlain(job: Job): Planned | Refusal {
  const { node } = job;
  const entry = operatorOf(node);
  if (entry === undefined || !isFloat32Value(node.inputs[0])) return refuse('it is not float32');
  const compute: Compute = (inputs, recorder) => {
    const from = needed(inputs, 0, job);
    const call = prepare(job, entry, inputs, () => null);
    const { layout } = call;
    from.reals(layout);
    const run = () => call.run(new Tensor('float32', from.realView(layout), memoryDims(from.dims, layout)));
    const results = run().map((result) => result && Activation.reals(recorder, result.dims, layout));
    recorder.host(() => {
      for (const [index, result] of run().entries()) {
        if (result !== null)
          refill(results[index], result.dims, (to) => to.realView(layout).set(result.data as Float32Array)); // likewise
      }
    });
    return results;
  };
  return { compute };
}

/** A plain operator that is ready to be called on elements as they stand in memory. */
interface PreparedCall {
  readonly layout: Layout;
  /** Results with logical dims, in data of their own. */
  run(first: Tensor): readonly ({ readonly dims: readonly number[]; readonly data: Tensor['data'] } | null)[];
}

function prepare(
  job: Job,
  entry: OperatorEntry,
  inputs: readonly (Activation | null)[],
  replace: (index: number) => Tensor | null,
): PreparedCall {
  const { node } = job;
  const first = needed(inputs, 0, job);
  for (const other of inputs.slice(1)) other?.makeTensor();
  const count = Math.max(node.inputs.length, node.op === 'Pad' ? 3 : 0);
  const outputs = job.outputs.map((value) => value !== null);
  // Read in each run: they may have been computed from what was fed.
  const given = () =>
    Array.from({ length: count }, (_, index) =>
      index === 0 ? null : (replace(index) ?? inputs[index]?.tensor() ?? null),
    );
  const ordered = () =>
    first.layout === 'row-major'
      ? null
      : channelsLastCall(node.op, given(), node.attributes, first.dims.length);
  const layout = ordered() === null ? 'row-major' : 'channels-last';
  const run = (tensor: Tensor) => {
    const call = layout === 'row-major' ? null : ordered();
    const attributes: Attributes = call?.attributes ?? node.attributes;
    const others = (call?.inputs ?? given()).slice(1);
    return entry.run([tensor, ...others], { attributes, outputs, name: node.name }).map((result) =>
      // A result may be a view of the input: it is copied before memory moves.
      result === null ? null : { dims: logicalDims(result.dims, layout), data: result.data.slice() },
    );
  };
  return { layout, run };
}
