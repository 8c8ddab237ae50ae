import type { Graph, Node } from '@espalier/core';
import type { Axis } from '../channel-space.js';
import type { Coupling, MaybeAxis, NodeAxes } from '../node-axes.js';
import { numbersOf, setInt64, wrap } from './size-inputs.js';

export const concat: Coupling = (axes) => {
  const result = axes.output();
  const joined = wrap(axes.node.attributes.int('axis', 0), result.length);
  let at = 0;
  for (let index = 0; index < axes.node.inputs.length; index++) {
    const read = axes.input(index);
    for (const [i, axis] of read.entries()) if (i !== joined) axes.couple(axis, result[i]);
    at = shift(axes, result[joined], read[joined], at);
  }
};

/** Outputs are parts of the input along an axis, of sizes that are given, or equal. */
export const split: Coupling = (axes) => {
  const { node, space } = axes;
  const read = axes.input(0);
  const cut = wrap(node.attributes.int('axis', 0), read.length);
  let at = 0;
  for (let index = 0; index < node.outputs.length; index++) {
    if (node.outputs[index] == null) {
      axes.pinAll();
      return;
    }
    const part = axes.output(index);
    for (const [i, axis] of part.entries()) if (i !== cut) axes.couple(read[i], axis);
    at = shift(axes, read[cut], part[cut], at);
  }
  if (node.inputs[1] != null && node.inputs[1].constant === null) axes.pin(read[cut]);
  space.addRepair(() => setSizes(space.graph, node, cut));
};

/** The slots of `part` are those of `whole` from `at` on; returns where the next part begins. */
function shift(axes: NodeAxes, whole: MaybeAxis, part: MaybeAxis, at: number): number {
  if (whole == null || part == null || at + part.size > whole.size) {
    axes.pin(whole, part);
    return Number.POSITIVE_INFINITY;
  }
  for (let i = 0; i < part.size; i++) axes.space.couple(whole, at + i, part, i);
  return at + part.size;
}

function setSizes(graph: Graph, node: Node, axis: number): void {
  const sizes = node.outputs.map((output) => output?.type?.dims?.[axis]);
  if (!sizes.every((size) => typeof size === 'number')) return;
  const before = numbersOf(node, 1) ?? sizes.map(() => sizes[0]);
  if (sizes.every((size, i) => size === before[i])) return;
  setInt64(graph, node, sizes);
  graph.setAttributes(node, node.attributes.with({ num_outputs: undefined }));
}

/** Slots are added at both ends of dimensions: those between are those of what is read. */
export const pad: Coupling = (axes) => {
  const { node, space } = axes;
  const [read, result] = [axes.input(0), axes.output()];
  const amounts = numbersOf(node, 1);
  const repeats = node.attributes.string('mode', 'constant') !== 'constant';
  if (amounts === null || node.inputs[3] != null) {
    axes.pinAll();
    return;
  }
  for (const [i, axis] of read.entries()) {
    const [before = 0, after = 0] = [amounts[i], amounts[i + read.length]];
    if (before === 0 && after === 0) axes.couple(axis, result[i]);
    // What is repeated, or cut off, is not what stands at its place.
    else if (repeats || before < 0 || after < 0) axes.pin(axis, result[i]);
    else shift(axes, result[i], axis, before);
  }
  space.addRepair((kept) => {
    const left = amounts.map((amount, at) => {
      const i = at % read.length;
      const [from, to] = [read[i], result[i]];
      if (from == null || to == null || amount <= 0) return amount;
      const border = at < read.length ? amount : to.size - amount;
      return kept(to).filter((slot) => (at < read.length ? slot < border : slot >= border)).length;
    });
    if (left.some((amount, at) => amount !== amounts[at])) setInt64(space.graph, node, left);
  });
};

/** Some slots of a dimension, one after the other; where some are left out in between, all stay. */
export const slice: Coupling = (axes) => {
  const { node, space } = axes;
  const [read, result] = [axes.input(0), axes.output()];
  const [starts, ends, axesGiven] = [numbersOf(node, 1), numbersOf(node, 2), numbersOf(node, 3)];
  const cut = axesGiven?.map((axis) => wrap(axis, read.length)) ?? [...(starts ?? []).keys()];
  if (starts === null || ends === null || (node.inputs[3] != null && axesGiven === null)) {
    axes.pinAll();
    return;
  }
  const steps = node.inputs[4] == null ? cut.map(() => 1) : numbersOf(node, 4);
  const startIn = ({ size }: Axis, at: number): number => {
    const start = starts[at] ?? 0;
    return Math.min(size, Math.max(0, start < 0 ? start + size : start));
  };
  for (const [i, axis] of read.entries()) {
    const at = cut.indexOf(i);
    if (at < 0) axes.couple(axis, result[i]);
    else if (axis == null || steps?.[at] !== 1) axes.pin(axis, result[i]);
    else shift(axes, axis, result[i], startIn(axis, at));
  }
  space.addRepair((kept) => {
    if (cut.every((i) => read[i] == null || kept(read[i]).length === read[i].size)) return;
    // From the front: an end counted from behind would move with what goes behind it.
    const bounds = cut.map((i, at) => {
      const [axis, part] = [read[i], result[i]];
      if (axis == null || part == null || steps?.[at] !== 1) return [starts[at] ?? 0, ends[at] ?? 0];
      const first = kept(axis).filter((slot) => slot < startIn(axis, at)).length;
      return [first, first + kept(part).length];
    });
    for (const end of [0, 1])
      setInt64(
        space.graph,
        node,
        bounds.map((bound) => bound[end] ?? 0),
        1 + end,
      );
  });
};
