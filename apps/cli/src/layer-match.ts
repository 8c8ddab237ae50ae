import { type Graph, isFloat, type Model, type Node, type Value } from '@espalier/core';

/** A value of the second model, and those of the first that it may stand for. */
export interface LayerMatch {
  /** Name of the value or layer in the first model. */
  readonly name: string;
  readonly op: string;
  /** `name`: both models call it so. `place`: both have the same weighted operators in the same order. */
  readonly by: 'name' | 'place';
  readonly value: string;
  /** More than one where the second model has a norm folded or an activation fused into its layer. */
  readonly candidates: readonly string[];
}

/** Nodes after a weighted one that passes fold or fuse into it. */
const followers: ReadonlySet<string> = new Set([
  'BatchNormalization',
  'Add',
  'Relu',
  'Clip',
  'HardSwish',
  'HardSigmoid',
  'Sigmoid',
  'LeakyRelu',
  'PRelu',
]);

/**
 * Pairs the values of two models of the same origin. Files that hold no inner names lose nothing: the
 * weighted layers are then paired by their order, if both models have the same ones.
 */
export function matchLayers(a: Model, b: Model): readonly LayerMatch[] {
  const placed = placedLayers(a, b);
  const matches: LayerMatch[] = [];
  for (const node of b.graph.nodes) {
    for (const output of node.outputs) {
      if (output === null) continue;
      const match = namedMatch(a.graph, node, output) ?? placed.get(output.name);
      if (match !== undefined) matches.push(match);
    }
  }
  return matches;
}

function namedMatch(graph: Graph, node: Node, output: Value): LayerMatch | undefined {
  const other = graph.value(output.name);
  if (other === undefined || graph.producer(other) === undefined || !mayBeFloat(other)) return undefined;
  return { name: output.name, op: node.op, by: 'name', value: output.name, candidates: [output.name] };
}

function mayBeFloat({ type }: Value): boolean {
  return type === null || isFloat(type.dtype);
}

/** By output name in `b`; empty where the models do not have the same weighted layers. */
function placedLayers(a: Model, b: Model): ReadonlyMap<string, LayerMatch> {
  const [inA, inB] = [weightedNodes(a), weightedNodes(b)];
  const places = new Map<string, LayerMatch>();
  if (signature(inA) !== signature(inB)) return places;
  for (const [i, { node }] of inB.entries()) {
    const original = inA[i]?.node;
    const output = node.outputs[0];
    if (original === undefined || output == null) continue;
    const candidates = chainAfter(a.graph, original);
    const name = original.name || (candidates[0] ?? '');
    places.set(output.name, { name, op: node.op, by: 'place', value: output.name, candidates });
  }
  return places;
}

interface Weighted {
  readonly node: Node;
  readonly dims: string;
}

/** The nodes that read weights, in the order in which they compute; each once. */
function weightedNodes(model: Model): readonly Weighted[] {
  const nodes = new Map<Node, Weighted>();
  for (const { node, encoding } of model.weights()) {
    if (!nodes.has(node)) nodes.set(node, { node, dims: encoding.dims.join() });
  }
  return [...nodes.values()];
}

function signature(nodes: readonly Weighted[]): string {
  return nodes.map(({ node, dims }) => `${node.op} ${dims}`).join('\n');
}

/** Names of the node's output, and of those after it as long as one follower reads it alone. */
function chainAfter(graph: Graph, first: Node): readonly string[] {
  const names: string[] = [];
  for (let node: Node | undefined = first; node !== undefined; ) {
    const output: Value | null | undefined = node.outputs[0];
    if (output == null) break;
    names.push(output.name);
    const readers: readonly Node[] = graph.consumers(output);
    node = readers.length === 1 && followers.has(readers[0]?.op ?? '') ? readers[0] : undefined;
  }
  return names;
}
