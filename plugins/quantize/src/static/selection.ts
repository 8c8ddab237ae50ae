import type { Model, Node, Value } from '@espalier/core';
import type { Exclusions } from '../exclusions.js';
import { type IntegerOperator, integerOperator, type TypeOf } from './operators.js';

/** A node that is to be computed in int8. */
export interface Selected {
  readonly node: Node;
  readonly operator: IntegerOperator;
  /** What it computes; that of the Relu or Clip behind it, where that is computed with it. */
  readonly results: readonly Value[];
}

/**
 * Which nodes are computed in int8: those that do the work, and what stands between them.
 *
 * Carriers join where they touch a value that is quantized already: alone between float operators they
 * would cost accuracy and gain nothing.
 *
 * @returns in order of execution
 */
export function selectNodes(
  model: Model,
  typeOf: TypeOf,
  exclusions: Exclusions,
  keepOutputs: boolean,
): readonly Selected[] {
  const { graph } = model;
  const candidates = new Map<Node, Selected>();
  const absorbed = new Set<Node>();
  for (const node of graph.nodes) {
    if (absorbed.has(node) || exclusions.has(node)) continue;
    const operator = integerOperator(node, typeOf, model.requantization);
    if (operator === null || isBorder(node)) continue;
    const clamp = operator.clamps ? clampBehind(model, node, typeOf, exclusions) : null;
    if (clamp !== null) absorbed.add(clamp);
    const results = (clamp ?? node).outputs.filter((value) => value !== null);
    if (keepOutputs && results.some((value) => graph.isOutput(value))) continue;
    candidates.set(node, { node, operator, results });
  }
  const selected = spread([...candidates.values()]);
  return [...candidates.values()].filter((candidate) => selected.has(candidate));
}

/** A step between codes and reals, which an earlier run or a file put there. */
export function isBorder({ op, inputs, outputs }: Node): boolean {
  const isOnGrid = (value: Value | null | undefined): boolean => value?.type?.quantization !== undefined;
  return op === 'Identity' && isOnGrid(inputs[0]) !== isOnGrid(outputs[0]);
}

/** The Relu or Clip that alone reads a node's result: codes between them would be rounded for nothing. */
function clampBehind(
  { graph, requantization }: Model,
  node: Node,
  typeOf: TypeOf,
  exclusions: Exclusions,
): Node | null {
  const [use, ...others] = graph.uses(node.outputs[0]);
  if (use?.kind !== 'input' || others.length > 0 || use.index !== 0 || exclusions.has(use.node)) return null;
  if (use.node.op !== 'Relu' && use.node.op !== 'Clip') return null;
  return integerOperator(use.node, typeOf, requantization) === null ? null : use.node;
}

/** The cores, and the carriers that are linked to them by values. */
function spread(candidates: readonly Selected[]): ReadonlySet<Selected> {
  const touching = new Map<Value, Selected[]>();
  for (const candidate of candidates) {
    for (const value of valuesOf(candidate)) {
      const known = touching.get(value);
      if (known === undefined) touching.set(value, [candidate]);
      else known.push(candidate);
    }
  }
  const selected = new Set(candidates.filter(({ operator }) => operator.role === 'core'));
  const open = [...selected];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const neighbour of valuesOf(next).flatMap((value) => touching.get(value) ?? [])) {
      if (selected.has(neighbour)) continue;
      selected.add(neighbour);
      open.push(neighbour);
    }
  }
  return selected;
}

/** The activations a node reads and writes. */
export function valuesOf({ node, operator, results }: Selected): readonly Value[] {
  const read = operator.operands.map((index) => node.inputs[index]);
  return [...read.filter((value): value is Value => value != null && value.constant === null), ...results];
}
