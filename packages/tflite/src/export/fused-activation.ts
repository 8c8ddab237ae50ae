import { type Graph, type Node, sameQuantization, toNumbers, type Value } from '@espalier/core';

/** A clamp that is part of the operator before it. */
export interface FusedActivation {
  /** What both give together. */
  readonly value: Value;
  /** Its number in the schema: 0 for none, 1 RELU, 2 RELU_N1_TO_1, 3 RELU6. */
  readonly activation: number;
  readonly node: Node | null;
}

/**
 * The clamp behind a node that a file can say as part of it: nobody else reads the value between them, and that is not
 * rounded to another grid.
 */
export function fusedActivation(graph: Graph, node: Node): FusedActivation | null {
  const between = node.outputs[0];
  if (between == null) return null;
  const [use, ...others] = graph.uses(between);
  if (use?.kind !== 'input' || others.length > 0 || use.index !== 0) return null;
  const activation = activationOf(use.node);
  const value = use.node.outputs[0];
  if (activation === null || value == null) return null;
  const grid = between.type?.quantization;
  if (grid !== undefined && !sameQuantization(grid, value.type?.quantization)) return null;
  return { value, activation, node: use.node };
}

/** Relu and clips to the bounds that the schema has; null for every other node. */
export function activationOf(node: Node): number | null {
  if (node.domain !== '') return null;
  if (node.op === 'Relu') return 1;
  if (node.op !== 'Clip') return null;
  const [low, high] = [boundOf(node.inputs[1]), boundOf(node.inputs[2])];
  if (low === 0 && high === undefined) return 1;
  if (low === 0 && high === 6) return 3;
  return low === -1 && high === 1 ? 2 : null;
}

/** A constant bound; undefined where there is none, NaN where it is computed. */
export function boundOf(value: Value | null | undefined): number | undefined {
  if (value == null) return undefined;
  return value.constant === null ? Number.NaN : toNumbers(value.constant.decode())[0];
}
