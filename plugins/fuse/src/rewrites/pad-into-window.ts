import { type Graph, int, ints, type Node, type Value } from '@espalier/core';
import { clipLimits, listOf, madeBy, scalarOf } from '../match.js';
import type { Rewrite } from '../rewrite.js';

/** What a Pad adds, by spatial axis. */
interface Padding {
  readonly source: Value;
  /** Elements before each spatial axis, then those behind each. */
  readonly pads: readonly number[];
  readonly value: number;
}

export const padIntoWindow: Rewrite = {
  name: 'pad-into-window',
  about:
    'A constant Pad before Conv, AveragePool or MaxPool becomes their own padding, where that is the same.',
  ops: ['Conv', 'AveragePool', 'MaxPool'],
  apply(node, { graph }) {
    const padding = readPadding(graph, node.inputs[0]);
    const mode = node.attributes.string('auto_pad', 'NOTSET');
    if (padding === null || (mode !== 'NOTSET' && mode !== 'VALID')) return false;
    const own = (mode === 'VALID' ? undefined : node.attributes.ints('pads')) ?? padding.pads.map(() => 0);
    const total = padding.pads.map((pad, i) => pad + (own[i] ?? 0));
    const countsPadding = node.op === 'AveragePool';
    if (!isSame(graph, node, padding, own) || (node.op !== 'Conv' && !fitsWindow(node, total))) return false;
    const changed = node.attributes.with({
      pads: ints(total),
      auto_pad: undefined,
      ...(countsPadding && { count_include_pad: int(1) }),
    });
    graph.setAttributes(node, changed);
    graph.setInput(node, 0, padding.source);
    return true;
  },
};

function readPadding(graph: Graph, value: Value | null | undefined): Padding | null {
  const node = madeBy(graph, value, 'Pad');
  const rank = value?.type?.dims?.length;
  const [source, list, constant, axesValue] = node?.inputs ?? [];
  const given = listOf(list);
  if (node === null || source == null || rank === undefined || given === null) return null;
  if (node.attributes.string('mode', 'constant') !== 'constant') return null;
  const filler = constant == null ? 0 : scalarOf(constant);
  const axes = axesValue == null ? Array.from({ length: rank }, (_, i) => i) : listOf(axesValue);
  if (filler === null || axes === null || given.some((pad) => pad < 0)) return null;
  const all = spread(given, axes, rank);
  const isSpatial = all.every((pad, i) => pad === 0 || i % rank >= 2);
  const pads = all.filter((_, i) => i % rank >= 2);
  return isSpatial ? { source, pads, value: filler } : null;
}

/** Pads for every axis: those before each, then those behind each. */
function spread(given: readonly number[], axes: readonly number[], rank: number): number[] {
  const all = new Array<number>(2 * rank).fill(0);
  for (const [i, axis] of axes.entries()) {
    const at = axis < 0 ? axis + rank : axis;
    all[at] = given[i] ?? 0;
    all[at + rank] = given[i + axes.length] ?? 0;
  }
  return all;
}

/** Whether the operator's own padding stands for the same elements. */
function isSame(graph: Graph, node: Node, { value, source }: Padding, own: readonly number[]): boolean {
  if (node.op === 'Conv') return value === 0;
  const hasOwn = own.some((pad) => pad !== 0);
  if (node.op === 'AveragePool') {
    // With ceil_mode the last window counts what is in reach, which is less than the padded size.
    if (value !== 0 || node.attributes.int('ceil_mode', 0) !== 0) return false;
    return !hasOwn || node.attributes.int('count_include_pad', 0) === 1;
  }
  // MaxPool ignores its padding. A zero is ignored where nothing is negative.
  if (node.attributes.int('ceil_mode', 0) !== 0 || graph.uses(node.outputs[1]).size > 0) return false;
  return value === -Infinity || (value === 0 && isNeverNegative(graph, source));
}

function isNeverNegative(graph: Graph, value: Value): boolean {
  const node = madeBy(graph, value, 'Relu', 'Sigmoid', 'HardSigmoid', 'Softmax', 'Clip', 'Abs');
  return node !== null && (node.op !== 'Clip' || (clipLimits(node)?.min ?? -1) >= 0);
}

/** A pool's padding must be smaller than its kernel: every window reads something real. */
function fitsWindow({ attributes }: Node, pads: readonly number[]): boolean {
  const kernel = attributes.ints('kernel_shape') ?? [];
  return pads.every((pad, i) => pad < (kernel[i % kernel.length] ?? 0));
}
