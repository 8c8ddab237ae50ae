import { recordSpread, recordSumTo } from '../step/broadcast.js';
import { operandOf } from '../step/operand.js';
import type { Differentiable } from './differentiable.js';

/** Axes that `permute` can repeat along, however they stand. */
const MOST_AXES = 5;

/** Expand: the gradient is summed over what was repeated. */
export const expand: Differentiable = {
  moves: true,
  parameters: () => [{ index: 0, layout: 'row-major', isBias: true }],
  refusal: ({ outputs }) => {
    const rank = outputs[0]?.type?.dims?.length;
    if (rank === undefined) return 'the shape of its result is not known';
    return rank > MOST_AXES ? `its result has more than ${MOST_AXES} axes` : null;
  },
  record(call) {
    const { step, dims } = call;
    const x = operandOf(call, 0);
    const y = step.reals(dims, 'row-major');
    const shape = { dims, layout: 'row-major' } as const;
    recordSpread(step, shape, { dims: x.dims, at: x.reals('row-major') }, y.reals('row-major'));
    return {
      output: y,
      backward(gradient) {
        if (!x.isWanted) return;
        const from = gradient.reals('row-major');
        x.give('row-major', (to) => recordSumTo(step, shape, x.dims, from, to));
      },
    };
  },
};
