import { dense, Graph, Model, type Node, type Quantization, type Tensor, type Value } from '@espalier/core';

/** One thing that quantization does to a float model. */
export interface Change {
  /** Of the value that is another one then; that of the layer, where its weights are rounded. */
  readonly value: string;
  /** The grid that the value is put on; null for none. */
  readonly grid: Quantization | null;
  /** Rounded weights of the layer that ends with the value; null for those it has. */
  readonly weights: { readonly name: string; readonly rounded: Tensor } | null;
}

/** The whole model with one change. */
export function changedModel(reference: Model, { value: name, grid, weights }: Change): Model {
  const model = reference.clone();
  const value = model.graph.value(name);
  if (value !== undefined && grid !== null) putOnGrid(model.graph, value, grid);
  const own = weights === null ? undefined : model.graph.value(weights.name);
  if (weights !== null && own?.constant != null) model.graph.replaceConstant(own, dense(weights.rounded));
  return model;
}

/**
 * Only what a change changes: it makes the other value of what its layer reads, or of the value as it was. null where that would
 * not be all: weights that several nodes share.
 */
export function changedLayer({ graph }: Model, { value: name, grid, weights }: Change): Model | null {
  const last = graph.value(name);
  if (last === undefined) return null;
  const nodes = weights === null ? [] : layerOf(graph, last, weights.name);
  if (nodes === null) return null;
  const part = new Graph();
  const made = new Map<Value, Value>();
  const own = (value: Value): Value => {
    const known = made.get(value);
    if (known !== undefined) return known;
    const isRounded = value.name === weights?.name;
    const copy =
      value.constant === null
        ? part.addInput(value.name, { dtype: 'float32', dims: value.type?.dims ?? null })
        : part.constant(isRounded ? dense(weights.rounded) : value.constant, value.name);
    made.set(value, copy);
    return copy;
  };
  for (const { op, domain, name: called, attributes, inputs, outputs } of nodes) {
    const read = inputs.map((value) => (value === null ? null : own(value)));
    const results = outputs.map((value) => {
      if (value === null) return null;
      const result = part.addValue(value.name, { dtype: 'float32', dims: null });
      made.set(value, result);
      return result;
    });
    part.addNode({ op, domain, name: called, attributes, inputs: read, outputs: results });
  }
  if (nodes.length === 0) {
    const result = part.addValue('', { dtype: 'float32', dims: null });
    part.addNode({ op: 'Identity', inputs: [own(last)], outputs: [result] });
    made.set(last, result);
  }
  const result = made.get(last);
  if (result === undefined) return null;
  if (grid !== null) putOnGrid(part, result, grid);
  part.addOutput(result);
  return new Model(part);
}

/** The node with the weights, and a Relu or Clip behind it that makes the value. */
function layerOf(graph: Graph, last: Value, weights: string): readonly Node[] | null {
  const weight = graph.value(weights);
  const [reader, ...others] = graph.consumers(weight);
  if (reader === undefined || others.length > 0) return null;
  const end = graph.producer(last);
  if (end === reader) return [reader];
  return end !== undefined && graph.producer(end.inputs[0]) === reader ? [reader, end] : null;
}

function putOnGrid(graph: Graph, value: Value, quantization: Quantization): void {
  graph.setType(value, { dtype: 'float32', dims: value.type?.dims ?? null, quantization });
}
