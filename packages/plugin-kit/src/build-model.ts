import {
  type Attribute,
  type DataType,
  type Dim,
  type Encoding,
  Graph,
  inferShapes,
  int,
  ints,
  Model,
  string,
  type Tensor,
  Tensor as TensorClass,
  tensor,
  tensorOf,
  type Value,
  verify,
} from '@espalier/core';
import { seededTensor } from './seeded-values.js';

/** An attribute, or a plain value that says which: whole numbers, lists of them, texts, tensors. */
export type AttributeLike = Attribute | number | readonly number[] | string | Tensor;

/** Builds a graph, one call a value. */
export class ModelBuilder {
  readonly graph: Graph = new Graph();

  /** A value that is fed; float32 where not said. */
  input(name: string, dims: readonly Dim[], dtype: DataType = 'float32'): Value {
    return this.graph.addInput(name, { dtype, dims });
  }

  /** A constant of a tensor or encoding, or of int64 numbers: axes, shapes, pads. */
  constant(name: string, weights: Tensor | Encoding | readonly number[]): Value {
    const list = Array.isArray(weights) ? tensorOf('int64', weights as readonly number[]) : null;
    return this.graph.constant(list ?? (weights as Tensor | Encoding), name);
  }

  /** float32 weights, uniform in [-1, 1): the same for the same name on every machine. */
  random(name: string, dims: readonly number[]): Value {
    return this.graph.constant(seededTensor(name, dims), name);
  }

  /** A node with one output, which is returned. It is named for it. */
  node(
    op: string,
    inputs: readonly (Value | null)[],
    attributes: Readonly<Record<string, AttributeLike>> = {},
    name: string = op.toLowerCase(),
  ): Value {
    const entries = Object.entries(attributes).map(([key, value]) => [key, attributeOf(value)] as const);
    return this.graph.apply({ op, name, inputs, attributes: Object.fromEntries(entries) }, name);
  }

  output(...values: readonly Value[]): void {
    for (const value of values) this.graph.addOutput(value);
  }
}

/** A whole number becomes an int; write `float(1)` for a float. */
function attributeOf(value: AttributeLike): Attribute {
  if (typeof value === 'number') return int(value);
  if (typeof value === 'string') return string(value);
  if (value instanceof TensorClass) return tensor(value);
  return 'type' in value && 'value' in value ? (value as Attribute) : ints(value as readonly number[]);
}

/**
 * A checked model with all shapes inferred:
 *
 *     buildModel((m) => {
 *       const x = m.input('x', ['N', 3, 8, 8]);
 *       m.output(m.node('Conv', [x, m.random('w', [4, 3, 3, 3])], { pads: [1, 1, 1, 1] }));
 *     });
 */
export function buildModel(build: (builder: ModelBuilder) => void): Model {
  const builder = new ModelBuilder();
  build(builder);
  const model = new Model(builder.graph);
  verify(model);
  inferShapes(model);
  return model;
}
