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

/** Operators that others are folded and fused into. */
const layered: ReadonlySet<string> = new Set(['Conv', 'ConvTranspose', 'Gemm', 'MatMul', 'Add', 'Mul']);

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
      const match = namedMatch(a.graph, b.graph, node, output) ?? placed.get(output.name);
      if (match !== undefined) matches.push(match);
    }
  }
  return matches;
}

function namedMatch(a: Graph, b: Graph, node: Node, output: Value): LayerMatch | undefined {
  const other = a.value(output.name);
  const original = a.producer(other);
  if (other === undefined || original === undefined || !mayBeFloat(other)) return undefined;
  const candidates = chainAfter(a, original, other, b, output);
  return { name: output.name, op: node.op, by: 'name', value: output.name, candidates };
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
    const [output, other] = [node.outputs[0], original?.outputs[0]];
    if (original === undefined || output == null || other == null) continue;
    const candidates = chainAfter(a.graph, original, other, b.graph, output);
    const name = original.name || other.name;
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
  // MatMul and Add become Gemm.
  return nodes.map(({ node, dims }) => `${node.op === 'MatMul' ? 'Gemm' : node.op} ${dims}`).join('\n');
}

/**
 * Names of a value of `a` and of those after it that `output` of `b` may stand for: a norm that was
 * folded and an activation that was fused leave the name of the first. Stops where both models go on
 * with the same operator.
 */
function chainAfter(a: Graph, original: Node, value: Value, b: Graph, output: Value): readonly string[] {
  const names = [value.name];
  const goesOn = new Set(b.consumers(output).map(({ op }) => op));
  if (!layered.has(original.op)) return names;
  for (let last = value; ; ) {
    const readers = a.consumers(last);
    const [reader] = readers;
    const next = reader?.outputs[0];
    if (readers.length !== 1 || reader === undefined || next == null) return names;
    if (!followers.has(reader.op) || goesOn.has(reader.op)) return names;
    names.push(next.name);
    last = next;
  }
}
