import {
  describeEncoding,
  type LayerDrift,
  type Model,
  Similarity,
  toNumbers,
  type Weight,
} from '@espalier/core';
import type { LayerView } from './api.js';

/**
 * What each weight became.
 *
 * @param reference - the model that the lossy passes began with
 * @param outputs - what layers' outputs lost, by value; empty where there were no data
 */
export function viewLayers(
  reference: Model,
  result: Model,
  outputs: readonly LayerDrift[],
): readonly LayerView[] {
  const originals = new Map(reference.weights().map((weight) => [weight.name, weight]));
  const losses = new Map(outputs.map(({ name, sqnrDb }) => [name, sqnrDb]));
  return result.weights().map((weight) => {
    const values = toNumbers(weight.decode());
    const original = originals.get(weight.name);
    let kept = 0;
    for (let i = 0; i < values.length; i++) if (values[i] !== 0) kept++;
    return {
      name: weight.name,
      node: weight.node.name,
      op: weight.op,
      dims: weight.encoding.dims,
      bytesBefore: original?.encoding.byteLength ?? values.length * 4,
      bytesAfter: weight.encoding.byteLength,
      density: values.length === 0 ? 1 : kept / values.length,
      encoding: describeEncoding(weight.encoding),
      weightSqnrDb: sqnrDb(original, weight, values),
      outputSqnrDb: losses.get(weight.node.outputs[0]?.name ?? '') ?? null,
    };
  });
}

function sqnrDb(original: Weight | undefined, weight: Weight, values: ArrayLike<number>): number {
  if (original === undefined || original.encoding === weight.encoding) return Infinity;
  // A weight that lost channels has no counterpart to be compared with.
  if (original.encoding.dims.join() !== weight.encoding.dims.join()) return Infinity;
  const similarity = new Similarity();
  similarity.add(toNumbers(original.decode()), values);
  return similarity.sqnrDb;
}
