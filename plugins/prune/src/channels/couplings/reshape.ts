import { type Dim, type Graph, type Node, Tensor, toNumbers, unknownDim, type Value } from '@espalier/core';
import type { Coupling, MaybeAxis, NodeAxes } from '../node-axes.js';
import { setInt64 } from './size-inputs.js';

/** Squeeze, Unsqueeze, Flatten and Reshape: elements keep their order. */
export const reshape: Coupling = (axes) => {
  const { node, space } = axes;
  const target = node.op === 'Reshape' ? node.inputs[1] : undefined;
  // A shape that is computed may have sizes in it that nobody here could mend; `fuse` makes it constant where it can.
  if (target != null && target.constant === null) {
    axes.pinAll();
    return;
  }
  const [read, result] = [sides(node.inputs[0], axes.input(0)), sides(node.outputs[0], axes.output())];
  for (const { from, to, fits } of blocks(read, result)) {
    if (!fits) axes.pin(...from, ...to);
    else if (from.length === 1 && to.length === 1) axes.couple(from[0], to[0]);
    else if (to.length === 1) coupleWithin(axes, to[0], from, soleLive(axes, from));
    else if (from.length === 1) coupleWithin(axes, from[0], to, largest(to));
    else axes.pin(...from, ...to);
  }
  if (target != null) space.addRepair(() => setTarget(space.graph, node, target));
};

/** A dimension with its size, a number or a name. */
interface Side {
  readonly axis: MaybeAxis;
  readonly size: Dim;
}

/** Dimensions of 1 have no say in the order of elements. */
function sides(value: Value | null | undefined, axes: readonly MaybeAxis[]): readonly Side[] {
  const dims = value?.type?.dims ?? [];
  return axes.map((axis, i) => ({ axis, size: dims[i] ?? unknownDim })).filter(({ size }) => size !== 1);
}

interface Block {
  readonly from: readonly MaybeAxis[];
  readonly to: readonly MaybeAxis[];
  /** Whether both have as many elements. */
  readonly fits: boolean;
}

/** The shortest runs of dimensions on both sides with as many elements; the last one may not fit. */
function blocks(read: readonly Side[], result: readonly Side[]): readonly Block[] {
  const found: Block[] = [];
  let [i, j] = [0, 0];
  while (i < read.length && j < result.length) {
    const [firstFrom, firstTo] = [i, j];
    let [a, b] = [read[i++]?.size, result[j++]?.size];
    while (a !== b && typeof a === 'number' && typeof b === 'number') {
      const next = a < b ? read[i++]?.size : result[j++]?.size;
      if (typeof next !== 'number') break;
      if (a < b) a *= next;
      else b *= next;
    }
    if (a !== b || a === unknownDim) return [...found, rest(read.slice(firstFrom), result.slice(firstTo))];
    found.push({ from: axesOf(read.slice(firstFrom, i)), to: axesOf(result.slice(firstTo, j)), fits: true });
  }
  return i < read.length || j < result.length ? [...found, rest(read.slice(i), result.slice(j))] : found;
}

function rest(from: readonly Side[], to: readonly Side[]): Block {
  return { from: axesOf(from), to: axesOf(to), fits: false };
}

function axesOf(all: readonly Side[]): readonly MaybeAxis[] {
  return all.map(({ axis }) => axis);
}

/** The one dimension of several that is not pinned; where there are more, the largest. */
function soleLive({ space }: NodeAxes, several: readonly MaybeAxis[]): MaybeAxis {
  return largest(several.filter((axis) => axis != null && !space.isPinned(axis)));
}

function largest(several: readonly MaybeAxis[]): MaybeAxis {
  return several.reduce((best, axis) => ((axis?.size ?? 0) >= (best?.size ?? 0) ? axis : best), undefined);
}

/** One dimension is several in one: it goes with `live` of them, and the others stay as they are. */
function coupleWithin(
  axes: NodeAxes,
  whole: MaybeAxis,
  several: readonly MaybeAxis[],
  live: MaybeAxis,
): void {
  axes.pin(...several.filter((axis) => axis !== live));
  if (whole == null || live == null) {
    axes.pin(whole, live);
    return;
  }
  const inner = several
    .slice(several.indexOf(live) + 1)
    .reduce((product, axis) => product * (axis?.size ?? 1), 1);
  for (let i = 0; i < whole.size; i++) axes.space.couple(live, Math.floor(i / inner) % live.size, whole, i);
}

/** 0 and -1 stay: they stand for sizes that follow. */
function setTarget(graph: Graph, node: Node, target: Value): void {
  const before = Array.from(toNumbers(target.constant?.decode() ?? new Tensor('int64', new BigInt64Array())));
  const dims = node.outputs[0]?.type?.dims ?? [];
  const copies = node.attributes.int('allowzero', 0) === 0 ? 0 : -1;
  const after = before.map((size, i) => {
    const dim = dims[i];
    return size === copies || size === -1 || typeof dim !== 'number' ? size : dim;
  });
  if (after.some((size, i) => size !== before[i])) setInt64(graph, node, after);
}
