import { ModelError, type OperatorKernel, Tensor } from '@espalier/core';
import { quickGelu } from './quick-gelu.js';

/**
 * QuickGelu of ONNX Runtime's domain, which exporters make of CLIP's activation. One input, one output of the same
 * type; attribute `alpha`, 1.702 where it is not said.
 *
 * @see ONNX Runtime, docs/ContribOperators.md: com.microsoft.QuickGelu
 */
export const myIdeaKernel: OperatorKernel = {
  domain: 'com.microsoft',
  op: 'QuickGelu',
  types: ['float32'],
  infer: ([x = null]) => [x],
  run([x], attributes) {
    if (x == null) throw new ModelError({ what: 'QuickGelu has no input.', fix: 'Export the model again.' });
    const alpha = attributes.float('alpha', 1.702);
    return [new Tensor('float32', quickGelu(x.data as Float32Array, alpha), x.dims)]; // float32, as `types` has it
  },
};
