import { type Node, UnsupportedError } from '@espalier/core';
import type { Differentiable } from './differentiable.js';
import { operatorTable } from './operator-table.js';

/**
 * The entry of the table for a node.
 *
 * @throws {UnsupportedError} when there is none
 */
export function entryOf(node: Node): Differentiable {
  const entry =
    Object.hasOwn(operatorTable, node.op) && node.domain === '' ? operatorTable[node.op] : undefined;
  if (entry !== undefined) return entry;
  throw new UnsupportedError({
    what: `The operator ${node.op} can't be trained through.`,
    where: `node "${node.name}"`,
    fix: `Operators that can: ${Object.keys(operatorTable).join(', ')}.`,
  });
}
