import type { Encoding } from '../encoding/encoding.js';
import type { Attributes } from './attributes.js';
import type { ValueType } from './value-type.js';

/** An edge of the graph: a tensor that is fed, computed by one node, or constant. */
export interface Value {
  readonly name: string;
  /** What is known of it; null before shape inference. Constants always know theirs. */
  readonly type: ValueType | null;
  /** The weights, where the value is a constant. */
  readonly constant: Encoding | null;
}

/** One operator. Its meaning is ONNX's, in the newest opset. */
export interface Node {
  readonly name: string;
  readonly op: string;
  /** '' is ONNX's own set of operators. */
  readonly domain: string;
  readonly attributes: Attributes;
  /** null where an optional input is left out. */
  readonly inputs: readonly (Value | null)[];
  /** null where an optional output is not wanted. */
  readonly outputs: readonly (Value | null)[];
}

/** A place that reads a value. A graph output counts as one. */
export type Use =
  | { readonly kind: 'input'; readonly node: Node; readonly index: number }
  | { readonly kind: 'output'; readonly index: number };

/** What `addNode` takes. Outputs may be given as types, or by count: their names are made up then. */
export interface NodeSpec {
  readonly op: string;
  readonly domain?: string;
  readonly name?: string;
  readonly attributes?: Attributes | ConstructorParameters<typeof Attributes>[0];
  readonly inputs: readonly (Value | null)[];
  readonly outputs: readonly (Value | null)[];
}
