import { dense, type Model, tensorOf, toNumbers } from '@espalier/core';

/** A quantized model as the float model that its numbers are of: weights of their codes, activations that are not rounded. */
export function asFloat(quantized: Model): Model {
  const model = quantized.clone();
  const { graph } = model;
  for (const value of graph.values) {
    const { constant, type } = value;
    if (constant?.kind === 'affine')
      graph.replaceConstant(value, dense(tensorOf('float32', toNumbers(constant.decode()), constant.dims)));
    if (type?.quantization !== undefined) graph.setType(value, { dtype: type.dtype, dims: type.dims });
  }
  for (const node of graph.nodesOf('DequantizeLinear', 'QuantizeLinear')) {
    const [[codes], [result]] = [node.inputs, node.outputs];
    if (codes == null || result == null) continue;
    // What feeds the model are reals now, and so is what it gives.
    if (node.op === 'DequantizeLinear')
      graph.setType(codes, { dtype: 'float32', dims: codes.type?.dims ?? null });
    graph.replaceAllUses(result, codes);
    graph.remove(node);
  }
  return model;
}
