import { Attributes, type OperatorKernel } from '@espalier/core';
import type { Clause } from '../clause.js';
import { sameBytes, trialsOf } from './trial.js';

/** Inputs are memory of the runtime: others read them, and they are overwritten later. */
export const leavesInputsAlone: Clause<OperatorKernel> = {
  name: 'leaves-inputs-alone',
  promise: 'it leaves its inputs as they are, hands out none of their memory, and computes the same twice',
  fix: 'Make new tensors for the outputs: values.map(…), not a loop that writes into the input.',
  breach(kernel) {
    for (const { inputs, outputs, changed } of trialsOf(kernel)) {
      if (changed) return 'it wrote into an input';
      const shared = outputs.some(({ data }) => inputs.some((input) => input.data.buffer === data.buffer));
      if (shared) return 'an output is in the memory of an input';
      const again = kernel.run(inputs, new Attributes());
      if (!outputs.every((output, i) => sameBytes(output, again[i])))
        return 'run twice on the same inputs, it computes something else';
    }
    return null;
  },
};
