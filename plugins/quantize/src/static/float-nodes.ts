import type { Model, Node, ReportTable } from '@espalier/core';
import type { Exclusions } from '../exclusions.js';
import { integerOperator, type TypeOf } from './operators.js';
import { isBorder, type Selected } from './selection.js';

/** Names of nodes that a row shows. */
const shown = 2;

/**
 * Which nodes go on computing reals, and why: no reader should have to find out from the times of a run.
 *
 * @returns null where all is computed in codes
 */
export function floatNodes(
  model: Model,
  selected: readonly Selected[],
  typeOf: TypeOf,
  exclusions: Exclusions,
): ReportTable | null {
  const results = new Set(selected.flatMap((one) => one.results));
  const chosen = new Set(selected.map(({ node }) => node));
  const groups = new Map<string, { readonly op: string; readonly why: string; readonly names: string[] }>();
  for (const node of model.graph.nodes) {
    const inCodes = chosen.has(node) || node.outputs.some((value) => value !== null && results.has(value));
    if (inCodes || isBorder(node) || !computesReals(node, typeOf)) continue;
    const why = reason(model, node, typeOf, exclusions);
    const key = `${node.op} ${why}`;
    const group = groups.get(key) ?? { op: node.op, why, names: [] };
    group.names.push(node.name || (node.outputs[0]?.name ?? ''));
    groups.set(key, group);
  }
  if (groups.size === 0) return null;
  const rows = [...groups.values()].map(({ op, why, names }) => [
    op,
    names.length,
    why,
    `${names.slice(0, shown).join(', ')}${names.length > shown ? ', ...' : ''}`,
  ]);
  return { title: 'computed in float32', columns: ['operator', 'nodes', 'why', 'names'], rows };
}

/** Not shapes and indices, which are integers anyway. */
function computesReals({ inputs, outputs }: Node, typeOf: TypeOf): boolean {
  const isReal = typeOf(outputs[0])?.dtype === 'float32';
  return isReal && inputs.some((value) => value?.constant === null && typeOf(value)?.dtype === 'float32');
}

function reason(model: Model, node: Node, typeOf: TypeOf, exclusions: Exclusions): string {
  if (exclusions.has(node)) return 'excluded';
  const operator = integerOperator(node, typeOf, model.requantization);
  if (operator === null) return 'no form in integers as it is';
  const ends = node.outputs.some((value) => value !== null && model.graph.isOutput(value));
  return ends && operator.role === 'core' ? 'computes an output' : 'between nodes in float32';
}
