import type { Encoding } from '../encoding/encoding.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Graph } from './graph.js';
import type { Node, Value } from './node.js';
import { weightSlots } from './weight-slots.js';

/** How an int32 sum becomes the next int8: docs/decisions/0006. Never mixed in one model. */
export type RequantizationRule = 'onnx' | 'tflite' | 'tflite-double';

/** The weights that an operator multiplies with: what compression works on. */
export interface Weight {
  readonly name: string;
  readonly value: Value;
  /** The first node that reads it, and its operator. */
  readonly node: Node;
  readonly op: string;
  /** The dimension of output channels, or null where there is none. */
  readonly axis: number | null;
  readonly encoding: Encoding;
  decode(): Tensor;
}

/** A graph with what is saved beside it. */
export class Model {
  readonly graph: Graph;
  /** Text that is saved with the model: producer, description, licence. */
  readonly metadata: ReadonlyMap<string, string>;
  #requantization: RequantizationRule;

  constructor(
    graph: Graph,
    options: {
      readonly metadata?: Iterable<readonly [string, string]>;
      readonly requantization?: RequantizationRule;
    } = {},
  ) {
    this.graph = graph;
    this.metadata = new Map(options.metadata);
    this.#requantization = options.requantization ?? 'onnx';
  }

  get requantization(): RequantizationRule {
    return this.#requantization;
  }

  /** For whoever quantizes a model: what is quantized already was measured under the rule it has. */
  setRequantization(rule: RequantizationRule): void {
    this.#requantization = rule;
  }

  /** A snapshot of the weights of Conv, Gemm, MatMul, recurrent and embedding nodes, each once. */
  weights(): readonly Weight[] {
    const found = new Map<Value, Weight>();
    for (const node of this.graph.nodes) {
      for (const { index, axis } of weightSlots(node)) {
        const value = node.inputs[index];
        if (value == null || value.constant === null || found.has(value)) continue;
        found.set(value, weightOf(node, value, value.constant, axis));
      }
    }
    return [...found.values()];
  }

  /** Puts another encoding under a weight. */
  replaceWeight(weight: Weight, encoding: Encoding): void {
    this.graph.replaceConstant(weight.value, encoding);
  }

  /** A model of its own; weights are shared. */
  clone(): Model {
    return new Model(this.graph.clone(), this);
  }
}

function weightOf(node: Node, value: Value, encoding: Encoding, axis: number | null): Weight {
  return { name: value.name, value, node, op: node.op, axis, encoding, decode: () => encoding.decode() };
}
