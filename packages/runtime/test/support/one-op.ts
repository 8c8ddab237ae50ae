import {
  Attributes,
  affine,
  dense,
  elementCount,
  Graph,
  inferShapes,
  Model,
  type NodeSpec,
  type Quantization,
  quantization,
  Tensor,
  type Value,
} from '@espalier/core';
import { RuntimeExecutor } from '@espalier/runtime';

/** A seeded stream of numbers in [0, 1): mulberry32. */
export function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** float32 in [-range, range). */
export function reals(next: () => number, dims: readonly number[], range = 1): Tensor<'float32'> {
  return new Tensor(
    'float32',
    Float32Array.from({ length: elementCount(dims) }, () => (2 * next() - 1) * range),
    dims,
  );
}

type Storage = 'int8' | 'uint8' | 'int16' | 'uint16';

export const q = (scale: number, zeroPoint = 0, storageType: Storage = 'int8'): Quantization =>
  quantization({ scale, zeroPoint, storageType });

/** A float32 value on a grid. */
export function onGrid(
  graph: Graph,
  name: string,
  grid: Quantization,
  dims: readonly number[] | null = null,
): Value {
  const type = { dtype: 'float32', dims, quantization: grid } as const;
  return dims === null ? graph.addValue(name, type) : graph.addInput(name, type);
}

/** int8 weights in [-127, 127] along an axis, or with one scale for all. */
export function integerWeights(
  graph: Graph,
  next: () => number,
  dims: readonly number[],
  axis: number | null,
): Value {
  const codes = Int8Array.from({ length: elementCount(dims) }, () => Math.round(next() * 254) - 127);
  const slices = axis === null ? 1 : (dims[axis] ?? 1);
  const scale = Float32Array.from({ length: slices }, () => 0.002 + 0.01 * next());
  return graph.constant(affine(dense(new Tensor('int8', codes, dims)), quantization({ scale, axis })), 'w');
}

export interface OneOp {
  readonly op: string;
  readonly attributes?: NodeSpec['attributes'];
  readonly inputs: (graph: Graph) => readonly (Value | null)[];
  readonly output: Quantization;
}

/** A model of one node, whose result is on a grid. */
export function oneOp({ op, attributes = new Attributes(), inputs, output }: OneOp): Model {
  const graph = new Graph('one-op');
  const y = onGrid(graph, 'y', output);
  graph.addNode({ op, name: op, attributes, inputs: inputs(graph), outputs: [y] });
  graph.addOutput(y);
  const model = new Model(graph);
  inferShapes(model);
  return model;
}

/** What the IR means: each node computed plainly over reals, its result moved to its grid. */
export function reference(
  model: Model,
  feeds: Readonly<Record<string, Tensor>>,
): ReadonlyMap<string, Tensor> {
  const executor = new RuntimeExecutor();
  const known = new Map<string, Tensor>(Object.entries(feeds));
  for (const node of model.graph.nodes) {
    const inputs = node.inputs.map((value) =>
      value === null ? null : (value.constant?.decode() ?? known.get(value.name) ?? null),
    );
    const outputs = executor.evaluate(node, inputs);
    for (const [i, value] of node.outputs.entries()) {
      const tensor = outputs?.[i];
      if (value !== null && tensor != null) known.set(value.name, tensor);
    }
  }
  return known;
}

/** An input on a grid of its own. */
export const input = (
  graph: Graph,
  dims: readonly number[],
  scale = 0.02,
  zero = 5,
  storage: Storage = 'int8',
) => onGrid(graph, 'x', q(scale, zero, storage), dims);
