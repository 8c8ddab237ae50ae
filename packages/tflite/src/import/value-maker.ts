import {
  type Attribute,
  type Encoding,
  Graph,
  type IncrementalInference,
  ints,
  type Quantization,
  startInference,
  Tensor,
  tensorOf,
  type Value,
} from '@espalier/core';
import { isSameOrder, type Order } from '../axes.js';

export interface ApplyOptions {
  readonly attributes?: Readonly<Record<string, Attribute>>;
  /** Of the result. */
  readonly grid?: Quantization | null;
  /** Of the node. */
  readonly name?: string;
}

/** Adds nodes and constants to the graph that is built; types are inferred as it grows. */
export class ValueMaker {
  readonly graph: Graph;
  readonly #inference: IncrementalInference;

  constructor(name: string) {
    this.graph = new Graph(name);
    this.#inference = startInference(this.graph);
  }

  /** The only output of a new node. */
  apply(op: string, inputs: readonly (Value | null)[], options: ApplyOptions = {}): Value {
    return this.applyAll(op, inputs, 1, options)[0] as Value; // one was asked for
  }

  /** All outputs of a new node. @throws {ShapeError} when the inputs do not fit each other */
  applyAll(
    op: string,
    inputs: readonly (Value | null)[],
    count: number,
    { attributes = {}, grid = null, name = '' }: ApplyOptions = {},
  ): readonly Value[] {
    const outputs = Array.from({ length: count }, () =>
      this.graph.addValue(name === '' ? op : `${name}_${op}`),
    );
    const node = this.graph.addNode({ op, name: shortName(name), inputs, outputs, attributes });
    this.#inference.infer(node);
    if (grid !== null) {
      for (const output of outputs) {
        this.graph.setType(output, {
          dtype: 'float32',
          dims: output.type?.dims ?? null,
          quantization: grid,
        });
      }
    }
    return outputs;
  }

  constant(content: Encoding | Tensor, name = ''): Value {
    return this.graph.constant(content, name);
  }

  int64(values: readonly number[]): Value {
    return this.constant(new Tensor('int64', BigInt64Array.from(values, BigInt), [values.length]));
  }

  scalar(value: number): Value {
    return this.constant(new Tensor('float32', Float32Array.of(value), []));
  }

  /** Scale and zero point, as QuantizeLinear and DequantizeLinear take them. */
  gridOf({ scale, zeroPoint, storageType }: Quantization): readonly Value[] {
    return [
      this.constant(new Tensor('float32', scale, [])),
      this.constant(tensorOf(storageType, zeroPoint, [])),
    ];
  }

  transpose(value: Value, perm: Order, name = ''): Value {
    if (isSameOrder(perm)) return value;
    const grid = value.type?.quantization ?? null;
    return this.apply('Transpose', [value], { attributes: { perm: ints(perm) }, grid, name });
  }

  /** @param dims - one of them may be -1 */
  reshape(value: Value, dims: readonly number[], name = ''): Value {
    const grid = value.type?.quantization ?? null;
    return this.apply('Reshape', [value, this.int64(dims)], { grid, name });
  }
}

/** Converters join the names of all that became one operator; the first one tells it from the others. */
export function shortName(name: string): string {
  return name.split(';')[0] ?? name;
}
