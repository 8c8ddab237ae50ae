import { ModelError } from '@espalier/core';
import type { AttributeProto } from '../gen/onnx_pb.js';

/** Operator versions by domain: '' is ONNX's own set. */
export type Opsets = ReadonlyMap<string, number>;

/** A node of the file, functions expanded. Values are still names; '' is one that is left out. */
export interface SourceNode {
  readonly name: string;
  readonly op: string;
  readonly domain: string;
  /** The version of the operator set that gives the node its meaning. */
  readonly opset: number;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: readonly AttributeProto[];
}

/** `node "conv1" (Conv, opset 9)`; nodes without a name are told by their first output. */
export function placeOf(node: Pick<SourceNode, 'name' | 'op' | 'domain' | 'opset' | 'outputs'>): string {
  const name =
    node.name === '' ? `that computes "${node.outputs.find((o) => o !== '') ?? ''}"` : `"${node.name}"`;
  const domain = node.domain === '' ? '' : `${node.domain} `;
  return `node ${name} (${node.op}, ${domain}opset ${node.opset})`;
}

/**
 * The nodes with producers before consumers; where both orders are right, as given. Files are meant to
 * be sorted; some are not.
 *
 * @param given - names that need no producer: graph inputs and initializers
 * @throws {ModelError} for a cycle, a name computed twice, or one that nothing computes
 */
export function sortNodes(nodes: readonly SourceNode[], given: ReadonlySet<string>): SourceNode[] {
  const producers = findProducers(nodes, given);
  const sorted: SourceNode[] = [];
  const state = new Map<SourceNode, 'open' | 'done'>();
  for (const root of nodes) {
    if (state.has(root)) continue;
    // An explicit stack: a chain of 10,000 nodes must not overflow the call stack.
    const stack = [{ node: root, next: 0 }];
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      state.set(top.node, 'open');
      const input = top.node.inputs[top.next++];
      if (input === undefined) {
        state.set(top.node, 'done');
        sorted.push(top.node);
        stack.pop();
        continue;
      }
      if (input === '' || given.has(input)) continue;
      const before = producers.get(input);
      if (before === undefined) throw missing(top.node, input);
      if (state.get(before) === 'open') throw cycle(before);
      if (!state.has(before)) stack.push({ node: before, next: 0 });
    }
  }
  return sorted;
}

function findProducers(
  nodes: readonly SourceNode[],
  given: ReadonlySet<string>,
): ReadonlyMap<string, SourceNode> {
  const producers = new Map<string, SourceNode>();
  for (const node of nodes) {
    for (const output of node.outputs) {
      if (output === '') continue;
      if (producers.has(output) || given.has(output)) {
        throw new ModelError({
          what: `The value "${output}" has two producers.`,
          where: placeOf(node),
          fix: 'A model must compute each value once; export it again.',
        });
      }
      producers.set(output, node);
    }
  }
  return producers;
}

function missing(node: SourceNode, input: string): ModelError {
  return new ModelError({
    what: `The node reads "${input}", which nothing computes.`,
    where: placeOf(node),
    fix: 'It is no input, initializer or node output; export the model again.',
  });
}

function cycle(node: SourceNode): ModelError {
  return new ModelError({
    what: 'The graph has a cycle: a node needs its own result.',
    where: placeOf(node),
    fix: 'A model must be acyclic; export it again.',
  });
}
