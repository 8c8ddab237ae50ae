import { Tensor } from '@espalier/core';
import { Activation } from '../memory/activation.js';
import { sameGrid } from '../memory/grid.js';
import { operatorOf } from '../operators/lookup.js';
import { type Compute, type Planned, type Planner, type Refusal, refuse } from '../plan/job.js';
import { isFloat32Value, needed } from './operands.js';
import { gridsOf, moveToGrid } from './pool.js';

/** Operators that give the same elements, in the same order, another shape. */
export const reshapingOperators: readonly string[] = [
  'Dropout',
  'Flatten',
  'Identity',
  'Reshape',
  'Squeeze',
  'Unsqueeze',
];

/** One of the operators above over float32 or codes: a copy of the elements as they stand. */
export function planReshape(integer: boolean): Planner {
  return (job): Planned | Refusal => {
    const { node } = job;
    const entry = operatorOf(node);
    if (entry === undefined || job.outputs.length > 1) return refuse('it has more than one result');
    if (!isFloat32Value(node.inputs[0])) return refuse('it is not float32');
    const others = node.inputs.slice(1).map((value) => job.constant(value));
    const isKnown = node.inputs.slice(1).every((value, index) => value === null || others[index] !== null);
    if (!isKnown) return refuse('the shape is not constant');
    const grids = integer ? gridsOf(job) : null;
    if (integer && grids === null) return refuse('it is not quantized');
    const call = { attributes: node.attributes, outputs: [true], name: node.name };
    const dimsOf = (x: Tensor) => entry.run([x, ...others], call)[0]?.dims ?? [];
    const compute: Compute = (inputs, recorder) => {
      const x = needed(inputs, 0, job);
      if (grids === null) {
        const from = x.reals('row-major');
        const dims = dimsOf(new Tensor('float32', x.realView('row-major'), x.dims));
        const y = Activation.reals(recorder, dims, 'row-major');
        const bytes = x.size * 4;
        recorder.call('copyRows', [1, bytes, from, bytes, y.reals('row-major'), bytes]);
        return [y];
      }
      const from = x.codes('row-major');
      const dims = dimsOf(new Tensor('int8', x.codeView('row-major'), x.dims));
      const y = Activation.codes(recorder, dims, 'row-major', grids.y);
      const to = y.codes('row-major');
      if (sameGrid(grids.x, grids.y)) recorder.call('copyRows', [1, x.size, from, x.size, to, x.size]);
      else moveToGrid(recorder, x.size, from, to, grids);
      return [y];
    };
    return { compute };
  };
}
