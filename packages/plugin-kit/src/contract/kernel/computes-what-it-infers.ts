import { Attributes, type OperatorKernel } from '@espalier/core';
import type { Clause } from '../clause.js';
import { trialsOf } from './trial.js';

/** What is planned for one type and shape must not come as another. */
export const computesWhatItInfers: Clause<OperatorKernel> = {
  name: 'computes-what-it-infers',
  promise: 'its outputs have the types and shapes that it infers',
  fix: 'Infer null where a type is not known beforehand.',
  breach(kernel) {
    for (const { inputs, outputs } of trialsOf(kernel)) {
      const types = inputs.map(({ type, dims }) => ({ dtype: type, dims }));
      for (const [i, inferred] of kernel.infer(types, new Attributes()).entries()) {
        const output = outputs[i];
        if (inferred === null) continue;
        const said = `${inferred.dtype}[${inferred.dims?.join(', ') ?? '...'}]`;
        if (output === undefined) return `it infers output ${i} as ${said}, and computes none`;
        const differs = inferred.dims?.some(
          (dim, axis) => typeof dim === 'number' && dim !== output.dims[axis],
        );
        const rank = inferred.dims?.length ?? output.dims.length;
        if (output.type !== inferred.dtype || rank !== output.dims.length || differs)
          return `it infers output ${i} as ${said}, and computes ${output.type}[${output.dims.join(', ')}]`;
      }
    }
    return null;
  },
};
