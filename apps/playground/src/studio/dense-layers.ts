import { type Model, ModelError, toFloat32 } from '@espalier/core';
import type { DenseLayer } from './api.js';

/**
 * The parameters of a chain of dense layers.
 *
 * @throws {ModelError} for a model that is made of anything else
 */
export function denseLayers({ graph }: Model): readonly DenseLayer[] {
  const layers: DenseLayer[] = [];
  for (const node of graph.nodes) {
    if (node.op === 'Relu') continue;
    const [, weight, bias] = node.inputs;
    const transposed = node.attributes.int('transB', 0) === 1;
    if (node.op !== 'Gemm' || !transposed || weight?.constant == null || bias?.constant == null)
      throw new ModelError({ what: 'The preview knows chains of dense layers only.', where: node.name });
    const [outputs = 0, inputs = 0] = weight.constant.dims;
    layers.push({
      name: weight.name,
      weights: toFloat32(weight.constant.decode()).slice(),
      bias: toFloat32(bias.constant.decode()).slice(),
      outputs,
      inputs,
    });
  }
  return layers;
}
