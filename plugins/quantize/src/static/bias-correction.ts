import { type Encoding, type Graph, type Node, Tensor, toFloat32 } from '@espalier/core';
import type { LayerMoments } from '../moments/collect-moments.js';
import { placesOf } from '../rounding/adaptive-tensor.js';
import { slicesOf } from '../weights/symmetric.js';

/**
 * What rounding the weights takes from the mean of each output channel: E[(w - w') x] = (w - w') E[x].
 *
 * @param axis - the weights' dimension of output channels
 * @returns one number an output channel, to be added to the bias
 * @see Nagel et al. 2019 (arXiv:1906.04721), section 4.2, with E[x] measured on data
 */
export function meanError(
  before: Encoding,
  after: Encoding,
  axis: number,
  moments: LayerMoments,
): Float64Array {
  const [reals, rounded] = [toFloat32(before.decode()), toFloat32(after.decode())];
  const layout = slicesOf(before.dims, axis, reals.length);
  const means = moments.map((group) => group.mean());
  const perGroup = layout.slices / Math.max(1, moments.length);
  return Float64Array.from({ length: layout.slices }, (_, channel) => {
    const mean = means[Math.floor(channel / perGroup)];
    let sum = 0;
    for (const [i, place] of placesOf(layout, channel).entries())
      sum += ((reals[place] ?? 0) - (rounded[place] ?? 0)) * (mean?.[i] ?? 0);
    return sum;
  });
}

/** Adds to a bias of the node's own; makes one where there is none. */
export function correctBias(graph: Graph, node: Node, index: number | null, error: Float64Array): void {
  if (index === null || error.every((e) => e === 0)) return;
  const bias = node.inputs[index];
  const old = bias?.constant == null ? new Float32Array(1) : toFloat32(bias.constant.decode());
  const sums = Float32Array.from(error, (e, c) => (old[old.length === 1 ? 0 : c] ?? 0) + e);
  const dims = old.length === error.length && bias?.constant != null ? bias.constant.dims : [error.length];
  const name = bias?.name ?? `${node.inputs[1]?.name ?? node.name}_bias`;
  graph.setInput(node, index, graph.constant(new Tensor('float32', sums, dims), name));
}
