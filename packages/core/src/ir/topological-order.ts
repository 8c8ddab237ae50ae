import { ModelError } from '../errors/errors.js';
import type { Node, Value } from './node.js';

/**
 * The nodes with producers before consumers; where both orders are right, as given.
 *
 * @throws {ModelError} naming a node of the cycle, where there is one
 */
export function sortTopologically(
  nodes: readonly Node[],
  producer: (value: Value) => Node | undefined,
): Node[] {
  const sorted: Node[] = [];
  const state = new Map<Node, 'open' | 'done'>();
  for (const root of nodes) {
    // An explicit stack: a chain of 10,000 nodes must not overflow the call stack.
    const stack: { node: Node; next: number }[] = [];
    if (!state.has(root)) stack.push({ node: root, next: 0 });
    while (stack.length > 0) {
      const top = stack[stack.length - 1] as { node: Node; next: number }; // length > 0
      state.set(top.node, 'open');
      const input = top.node.inputs[top.next++];
      if (input === undefined) {
        state.set(top.node, 'done');
        sorted.push(top.node);
        stack.pop();
        continue;
      }
      const before = input === null ? undefined : producer(input);
      if (before === undefined || state.get(before) === 'done') continue;
      if (state.get(before) === 'open') throw cycleError(before);
      stack.push({ node: before, next: 0 });
    }
  }
  return sorted;
}

function cycleError(node: Node): ModelError {
  return new ModelError({
    what: 'The graph has a cycle: a node needs its own result.',
    where: `node "${node.name}" (${node.op})`,
    fix: 'A model must be acyclic; export it again.',
  });
}
