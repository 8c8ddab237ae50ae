import {
  type Graph,
  inferShapes,
  type Model,
  type Node,
  type ShapeFacts,
  type Tensor,
  tensorOf,
  toNumbers,
  type Value,
} from '@espalier/core';

/**
 * A copy of a model for a batch of `count` samples, also of one that was exported for a batch of another size: with all
 * shapes that follow from it, and constants in place of what shapes alone decide, as exporters compute the shape of a
 * Reshape or the zeros that a recurrent layer starts from.
 *
 * @throws {ShapeError} when shapes contradict each other
 */
export function sized(model: Model, count: number): Model {
  const copy = model.clone();
  openBatch(copy.graph);
  const inputs = Object.fromEntries(
    copy.graph.inputs.flatMap(({ name, type }) => {
      // Others are no samples, and refused where they are read.
      const sample = type?.dtype === 'float32' ? type.dims?.slice(1) : undefined;
      return sample?.every((dim) => typeof dim === 'number') ? [[name, [count, ...sample]] as const] : [];
    }),
  );
  const facts = inferShapes(copy, { inputs, onContradiction() {} });
  for (const node of copy.graph.nodes) settle(copy.graph, node, facts);
  return copy;
}

/** Opens the batch of a model that was exported for one of its own size, 1 most often. */
function openBatch(graph: Graph): void {
  for (const input of graph.inputs) {
    const batch = input.type?.dims?.[0];
    if (input.type?.dims == null || typeof batch !== 'number') continue;
    graph.setType(input, { ...input.type, dims: ['batch', ...input.type.dims.slice(1)] });
    for (const node of graph.nodes) openReshape(graph, node, batch);
  }
}

/** Lets a Reshape keep the first dimension of what comes in, where its shape says the size of the batch. */
function openReshape(graph: Graph, node: Node, batch: number): void {
  const [data, shape] = node.inputs;
  const [output] = node.outputs;
  if (node.op !== 'Reshape' || node.domain !== '' || shape?.constant == null || output == null) return;
  const [first, ...rest] = Array.from(toNumbers(shape.constant.decode()));
  if (first !== batch || data?.type?.dims?.[0] !== batch || node.attributes.int('allowzero', 0) !== 0) return;
  // 0 is the size of what comes in.
  const open = tensorOf('int64', [0, ...rest], [rest.length + 1]);
  graph.setInput(node, 1, graph.constant(open, `${output.name}/shape`));
}

function settle(graph: Graph, node: Node, facts: ShapeFacts): void {
  const [output] = node.outputs;
  if (node.domain !== '' || output == null || graph.isOutput(output)) return;
  const tensor = node.op === 'ConstantOfShape' ? filled(node, facts) : integersOf(output, facts);
  // By a name of its own, the same for each size of batch: weights are found by name.
  if (tensor !== null) graph.replaceAllUses(output, graph.constant(tensor, `${output.name}/settled`));
}

/** What is known of a small tensor of integers. */
function integersOf(value: Value, facts: ShapeFacts): Tensor | null {
  const { type } = value;
  if (type?.dims == null || (type.dtype !== 'int64' && type.dtype !== 'int32')) return null;
  const elements = numbersOf(facts.contents(value));
  return elements && tensorOf(type.dtype, elements, type.dims.length === 0 ? [] : [elements.length]);
}

/** ConstantOfShape, of a shape that is known; zeros where it does not say of what. */
function filled({ inputs, attributes }: Node, facts: ShapeFacts): Tensor | null {
  const dims = inputs[0] == null ? null : numbersOf(facts.contents(inputs[0]));
  if (dims === null) return null;
  const value = attributes.tensor('value');
  const size = dims.reduce((a, b) => a * b, 1);
  return tensorOf(
    value?.type ?? 'float32',
    new Array<number>(size).fill(value === undefined ? 0 : (toNumbers(value)[0] ?? 0)),
    dims,
  );
}

function numbersOf(contents: ReturnType<ShapeFacts['contents']>): readonly number[] | null {
  // Each is one, as just seen.
  return contents?.every((element) => typeof element === 'number') ? (contents as readonly number[]) : null;
}
