import { Tensor } from '@espalier/core';
import { Activation } from '../memory/activation.js';
import { codeOf, type Grid, sameGrid } from '../memory/grid.js';
import { type Layout, layoutsAgree } from '../memory/layout.js';
import type { OperatorEntry } from '../operators/operator.js';
import type { Job } from '../plan/job.js';
import type { Recorder } from '../tape/recorder.js';
import { FILL, inMemoryOrder, memoryPlaces, rowLength, rowTable } from './element-map.js';
import { moveToGrid } from './pool.js';

/** Rows shorter than this are worth another look at the input in the other layout. */
const SHORT = 4;

/** One result as rows copied from the input. */
interface Gather {
  readonly dims: readonly number[];
  /** Of the input and of the result. */
  readonly from: Layout;
  readonly to: Layout;
  readonly map: Int32Array;
  readonly length: number;
}

/** What elements are, for one activation. */
export interface ElementKind {
  /** The grid of the input and of each result; null for float32. */
  readonly grids: { readonly x: Grid; readonly y: readonly (Grid | null)[] } | null;
  /** The real that stands where Pad adds elements. */
  readonly fill: number;
}

/**
 * An operator that moves elements, by a kernel: run once on the numbers of the elements in their place, it tells where
 * each comes from, whatever it does with shapes and axes. All inputs beside the first must be the same in each run.
 */
export function gatherElements(
  job: Job,
  entry: OperatorEntry,
  inputs: readonly (Activation | null)[],
  x: Activation,
  kind: ElementKind,
  recorder: Recorder,
): readonly (Activation | null)[] {
  const maps = mapsOf(job, entry, inputs, x, x.layout);
  const others = x.layout === 'channels-last' && maps.some((map) => map !== null && map.length < SHORT);
  // A transposition of the whole input is cheaper than copying element by element.
  const rowMajor = others ? mapsOf(job, entry, inputs, x, 'row-major') : [];
  return maps.map((map, index) => {
    if (map === null) return null;
    const other = rowMajor[index];
    const better = other != null && other.length > map.length ? other : map;
    return place(better, x, kind, kind.grids?.y[index] ?? null, recorder);
  });
}

function mapsOf(
  { node, outputs }: Job,
  entry: OperatorEntry,
  inputs: readonly (Activation | null)[],
  x: Activation,
  from: Layout,
): readonly (Gather | null)[] {
  const count = Math.max(node.inputs.length, node.op === 'Pad' ? 3 : 0);
  const others = Array.from({ length: count - 1 }, (_, i) => {
    // Instead of a value to pad with: what says that an element is filled in.
    if (node.op === 'Pad' && i === 1) return new Tensor('int32', Int32Array.of(FILL), []);
    return inputs[i + 1]?.tensor() ?? null;
  });
  const numbers = new Tensor('int32', memoryPlaces(x.dims, from), x.dims);
  const call = {
    attributes: node.attributes,
    outputs: outputs.map((value) => value !== null),
    name: node.name,
  };
  return entry.run([numbers, ...others], call).map((result) => {
    if (result === null) return null;
    // The type stays: it moves elements.
    return bestOrder(result.data as Int32Array, result.dims, from);
  });
}

/** The layout of the result in which it takes the longest rows; the input's where both do. */
function bestOrder(data: Int32Array, dims: readonly number[], from: Layout): Gather {
  const layouts: readonly Layout[] = layoutsAgree(dims)
    ? ['row-major']
    : from === 'row-major'
      ? ['row-major', 'channels-last']
      : ['channels-last', 'row-major'];
  const found = layouts.map((to): Gather => {
    const map = inMemoryOrder(data, dims, to);
    return { dims, from, to, map, length: rowLength(map) };
  });
  return found.reduce((best, one) => (one.length > best.length ? one : best));
}

function place(
  { dims, from, to, map, length }: Gather,
  x: Activation,
  { grids, fill }: ElementKind,
  grid: Grid | null,
  recorder: Recorder,
): Activation {
  const isCode = grids !== null && grid !== null;
  const bytes = isCode ? 1 : 4;
  const source = isCode ? x.codes(from) : x.reals(from);
  const y = isCode ? Activation.codes(recorder, dims, to, grid) : Activation.reals(recorder, dims, to);
  if (map.length === 0) return y;
  const target = isCode ? y.codes(to) : y.reals(to);
  const table = rowTable(map, length, bytes);
  const filler = isCode
    ? new Int8Array(length).fill(codeOf(fill, grids.x))
    : new Float32Array(length).fill(fill);
  const at = recorder.held.place(table);
  const filled = table.includes(0xffffffff) ? recorder.held.place(filler) : 0;
  recorder.call('gatherRows', [table.length, length * bytes, at, source, filled, target]);
  if (isCode && !sameGrid(grids.x, grid))
    moveToGrid(recorder, y.size, target, target, { x: grids.x, y: grid });
  return y;
}
