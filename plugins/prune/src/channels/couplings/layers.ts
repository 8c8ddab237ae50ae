import { type Graph, int, type Node } from '@espalier/core';
import type { Coupling, MaybeAxis, NodeAxes } from '../node-axes.js';

/** Conv: weights [outputs, inputs / groups, ...kernel]. */
export const conv: Coupling = (axes) => {
  const [read, weight, [bias], result] = [axes.input(0), axes.input(1), axes.input(2), axes.output()];
  const [rows, columns] = weight;
  const groups = axes.node.attributes.int('group', 1);
  coupleWindows(axes, read, result);
  axes.couple(rows, result[1]);
  axes.produces(rows);
  if (bias != null) axes.couple(bias, result[1]);
  if (isDepthwise(groups, read[1], columns)) {
    coupleMultiples(axes, read[1], rows);
    repairGroups(axes, 0);
    return;
  }
  coupleGroups(axes, groups, read[1], columns);
  coupleAcross(axes, groups, rows);
  axes.contracts(read[1], columns);
};

/** ConvTranspose: weights [inputs, outputs / groups, ...kernel]. */
export const convTranspose: Coupling = (axes) => {
  const [read, weight, [bias], result] = [axes.input(0), axes.input(1), axes.input(2), axes.output()];
  const [rows, columns] = weight;
  const groups = axes.node.attributes.int('group', 1);
  coupleWindows(axes, read, result);
  axes.couple(rows, read[1]);
  if (bias != null) axes.couple(bias, result[1]);
  if (isDepthwise(groups, read[1], { size: 1 })) {
    coupleMultiples(axes, rows, result[1]);
    axes.pin(...(columns?.size === 1 ? [] : [columns]));
    axes.produces(rows);
    repairGroups(axes, 0);
    return;
  }
  coupleGroups(axes, groups, result[1], columns);
  coupleAcross(axes, groups, rows);
  axes.produces(columns);
  axes.contracts(read[1], rows);
};

/** Gemm: a' * b' + c. */
export const gemm: Coupling = (axes) => {
  const [a, b, c, result] = [axes.input(0), axes.input(1), axes.input(2), axes.output()];
  const [first, inner] = axes.node.attributes.int('transA', 0) === 0 ? [a[0], a[1]] : [a[1], a[0]];
  const [other, last] = axes.node.attributes.int('transB', 0) === 0 ? [b[0], b[1]] : [b[1], b[0]];
  product(axes, { first, inner }, { inner: other, last }, result);
  axes.broadcast(c, result);
};

/** MatMul of matrices, or of stacks of them. */
export const matMul: Coupling = (axes) => {
  const [a, b, result] = [axes.input(0), axes.input(1), axes.output()];
  if (a.length < 2 || b.length < 2) {
    axes.pinAll();
    return;
  }
  const [left, right] = [
    { first: a.at(-2), inner: a.at(-1) },
    { inner: b.at(-2), last: b.at(-1) },
  ];
  product(axes, left, right, result.slice(-2));
  axes.broadcast(a.slice(0, -2), result.slice(0, -2));
  axes.broadcast(b.slice(0, -2), result.slice(0, -2));
};

function product(
  axes: NodeAxes,
  left: { readonly first: MaybeAxis; readonly inner: MaybeAxis },
  right: { readonly inner: MaybeAxis; readonly last: MaybeAxis },
  result: readonly MaybeAxis[],
): void {
  axes.couple(left.first, result[0]);
  axes.couple(left.inner, right.inner);
  axes.couple(right.last, result[1]);
  const [a, b] = axes.node.inputs;
  if (a?.constant != null) axes.produces(left.first);
  if (b?.constant != null) axes.produces(right.last);
  if (a?.constant == null) axes.contracts(left.inner, right.inner);
  if (b?.constant == null) axes.contracts(right.inner, left.inner);
}

/** Samples stay samples; places along the image move, so that none can go. */
function coupleWindows(axes: NodeAxes, read: readonly MaybeAxis[], result: readonly MaybeAxis[]): void {
  axes.couple(read[0], result[0]);
  axes.pin(...read.slice(2), ...result.slice(2));
}

function isDepthwise(
  groups: number,
  channels: MaybeAxis,
  columns: { readonly size: number } | null | undefined,
): boolean {
  return groups > 1 && groups === channels?.size && columns?.size === 1;
}

/** Channel c goes with the `several.size / single.size` slots that it is filtered into. */
function coupleMultiples({ space }: NodeAxes, single: MaybeAxis, several: MaybeAxis): void {
  if (single == null || several == null) return;
  const multiplier = several.size / single.size;
  for (let i = 0; i < several.size; i++) space.couple(single, Math.floor(i / multiplier), several, i);
}

/** Every group has its own channels and shares the columns: channel j of each group goes with column j. */
function coupleGroups(axes: NodeAxes, groups: number, channels: MaybeAxis, columns: MaybeAxis): void {
  if (channels == null || columns == null || channels.size !== groups * columns.size) {
    axes.pin(channels, columns);
    return;
  }
  for (let i = 0; i < channels.size; i++) axes.space.couple(channels, i, columns, i % columns.size);
}

/** Groups stay equally large: what stands at the same place in each goes together. */
function coupleAcross({ space }: NodeAxes, groups: number, rows: MaybeAxis): void {
  if (rows == null || groups === 1) return;
  const size = rows.size / groups;
  for (let i = size; i < rows.size; i++) space.couple(rows, i % size, rows, i);
}

/** A depthwise layer has as many groups as channels. */
function repairGroups({ node, space }: NodeAxes, index: number): void {
  space.addRepair(() => setGroups(space.graph, node, node.inputs[index]?.type?.dims?.[1]));
}

function setGroups(graph: Graph, node: Node, channels: number | string | undefined): void {
  if (typeof channels !== 'number' || channels === node.attributes.int('group', 1)) return;
  graph.setAttributes(node, node.attributes.with({ group: int(channels) }));
}
