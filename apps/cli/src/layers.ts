import {
  type Dim,
  describeEncoding,
  inferShapes,
  type Model,
  macCount,
  type Node,
  parameterCount,
} from '@espalier/core';

/** One node with what it costs. */
export interface Layer {
  /** Of the node, or of its first output where it has none. */
  readonly name: string;
  readonly op: string;
  /** Of the first output; null where not even the rank is known. */
  readonly dims: readonly (number | string)[] | null;
  readonly parameters: number;
  /** Multiply-accumulates for one sample; null where a shape is not known. */
  readonly macs: number | null;
  /** Bytes of its constants as they are encoded, framing aside; shared ones count for their first reader. */
  readonly sizeBytes: number;
  /** Encoding trees of its constants in words, the largest first, each once. */
  readonly encodings: readonly string[];
}

/**
 * Makes the size of one run known: the first dim of each input, where it is open, is 1.
 *
 * @param shapes - sizes of inputs by name, where the caller knows them
 * @returns a model of its own with shapes inferred
 * @throws {ShapeError} when the shapes contradict the model
 */
export function withShapes(model: Model, shapes: Readonly<Record<string, readonly number[]>> = {}): Model {
  const copy = model.clone();
  const inputs: [string, readonly Dim[]][] = [];
  for (const { name, type } of copy.graph.inputs) {
    const [batch, ...rest] = type?.dims ?? [];
    const given =
      (Object.hasOwn(shapes, name) ? shapes[name] : undefined) ??
      (typeof batch === 'string' ? [1, ...rest] : undefined);
    if (given !== undefined) inputs.push([name, given]);
  }
  // What an exporter declares wrongly must not keep a model from being looked at.
  inferShapes(copy, { inputs: Object.fromEntries(inputs), onContradiction() {} });
  return copy;
}

/** All nodes in the order in which they compute. */
export function layersOf(model: Model): readonly Layer[] {
  const counted = new Set<unknown>();
  return model.graph.nodes.map((node) => layerOf(node, counted));
}

function layerOf(node: Node, counted: Set<unknown>): Layer {
  const constants = [...new Set(node.inputs)].filter(
    (input) => input?.constant != null && !counted.has(input),
  );
  for (const constant of constants) counted.add(constant);
  const encodings = constants.flatMap((value) => value?.constant ?? []);
  const bySize = [...encodings].sort((a, b) => b.byteLength - a.byteLength);
  return {
    name: node.name || (node.outputs[0]?.name ?? ''),
    op: node.domain === '' ? node.op : `${node.domain}.${node.op}`,
    dims: node.outputs[0]?.type?.dims ?? null,
    parameters: parameterCount(node),
    macs: macCount(node),
    sizeBytes: encodings.reduce((sum, encoding) => sum + encoding.byteLength, 0),
    encodings: [...new Set(bySize.map(describeEncoding))],
  };
}

/** How often each operator occurs, most frequent first. */
export function operatorCounts(model: Model): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const { op, domain } of model.graph.nodes) {
    const name = domain === '' ? op : `${domain}.${op}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort((a, b) => b[1] - a[1]));
}
