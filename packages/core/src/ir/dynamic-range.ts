import { ints } from './attributes.js';
import type { Graph } from './graph.js';
import type { Node, Value } from './node.js';

/** The domain of operators that are ours, where ONNX has none. */
export const espalierDomain: string = 'espalier';

/**
 * `espalier.DynamicRange`: x, rounded to 256 codes on a grid of its own range, which is known when it runs. A range holds 0, and 0 is
 * exactly a code. The attribute `axes` lists the axes that share a range; without it all do, which is ONNX's
 * DynamicQuantizeLinear with a DequantizeLinear behind it. By rule `onnx` it rounds as that; by those of TensorFlow Lite as LiteRT
 * rounds the activations of products with integer weights.
 */
export const dynamicRange: string = 'DynamicRange';

export function isDynamicRange({ domain, op }: Node): boolean {
  return domain === espalierDomain && op === dynamicRange;
}

/** The axes of a DynamicRange node, counted from the front, in order. */
export function rangeAxes({ attributes }: Node, rank: number): readonly number[] {
  const axes = attributes.ints('axes');
  if (axes === undefined || axes.length === 0) return Array.from({ length: rank }, (_, axis) => axis);
  return [...new Set(axes.map((axis) => (axis < 0 ? axis + rank : axis)))].sort((a, b) => a - b);
}

/** A value rounded to its ranges: by a node that is there, or a new one. `axes` absent: one range for all. */
export function roundedToRange(graph: Graph, value: Value, axes?: readonly number[]): Value {
  const wanted = axes?.join() ?? '';
  for (const node of graph.consumers(value)) {
    if (!isDynamicRange(node) || (node.attributes.ints('axes')?.join() ?? '') !== wanted) continue;
    const [output] = node.outputs;
    if (output != null) return output;
  }
  const type = value.type === null ? null : { dtype: value.type.dtype, dims: value.type.dims };
  return graph.apply(
    {
      op: dynamicRange,
      domain: espalierDomain,
      inputs: [value],
      attributes: axes === undefined ? {} : { axes: ints(axes) },
    },
    `${value.name}_range`,
    type,
  );
}
