import { type Graph, isDynamicRange, type Node, rangeAxes, type Value } from '@espalier/core';
import { integerWeight } from '../steps/operands.js';
import { type RangeOf, replaceByProduct } from './product-node.js';

/**
 * Makes one node of an activation that is rounded to its own range and a Conv, Gemm or MatMul with int8 weights: a product in
 * integers. What is rounded for anybody else is rounded as ever.
 *
 * @param options.keepsValues - the rounded activations stay, whether anybody reads them or not
 */
export function fuseRanges(graph: Graph, options: { readonly keepsValues?: boolean } = {}): void {
  for (const op of ['Conv', 'Gemm', 'MatMul']) {
    for (const node of graph.nodesOf(op)) fuse(graph, node);
  }
  if (options.keepsValues !== true) graph.removeDead();
}

function fuse(graph: Graph, node: Node): void {
  const [rounded, weights, bias] = node.inputs;
  const source = graph.producer(rounded);
  const x = source === undefined || !isDynamicRange(source) ? null : source.inputs[0];
  if (node.domain !== '' || source === undefined || x == null || x.type?.dims == null) return;
  if (!hasInt8Weights(node, weights)) return;
  if (bias != null && bias.constant === null) return;
  const ranges = rangesFor(node, rangeAxes(source, x.type.dims.length), x.type.dims.length);
  if (ranges === null) return;
  replaceByProduct(graph, node, node, [x, weights ?? null, bias ?? null], ranges);
}

/** Symmetric, with a scale for each output or one for all. */
function hasInt8Weights({ op, attributes }: Node, value: Value | null | undefined): boolean {
  const weight = integerWeight(value);
  if (weight === null || !(weight.codes instanceof Int8Array)) return false;
  const outputs = op === 'Conv' || attributes.int('transB', 0) === 1 ? 0 : 1;
  if (weight.axis !== null && weight.axis !== outputs) return false;
  return weight.zeroPoint.every((zero) => zero === 0) && (op === 'Conv' || weight.dims.length === 2);
}

function rangesFor({ op, attributes, inputs }: Node, axes: readonly number[], rank: number): RangeOf | null {
  if (axes.length === rank) return 'tensor';
  const isSample = axes.length === rank - 1 && axes[0] === 1;
  if (op !== 'Conv') return axes.length === 1 && axes[0] === rank - 1 ? 'vector' : null;
  if (isSample) return 'sample';
  const [, weights] = inputs;
  const isPointwise =
    (weights?.constant?.dims ?? []).slice(2).every((size) => size === 1) &&
    (attributes.ints('strides') ?? []).every((stride) => stride === 1) &&
    (attributes.ints('pads') ?? []).every((pad) => pad === 0);
  return axes.length === 1 && axes[0] === 1 && isPointwise ? 'vector' : null;
}
