import { ShapeError } from '@espalier/core';
import { Activation } from '../memory/activation.js';
import { type Compute, type Job, type Planned, type Refusal, refuse } from '../plan/job.js';
import { memoryAxis, splitAround } from './axes.js';
import { isFloat32Value, needed } from './operands.js';

/** Softmax and LogSoftmax in float32, along any axis, in the layout at hand. */
export function planSoftmax(job: Job): Planned | Refusal {
  const { node } = job;
  if (!isFloat32Value(node.inputs[0])) return refuse('it is not float32');
  const logarithm = node.op === 'LogSoftmax' ? 1 : 0;
  const given = node.attributes.int('axis', -1);
  const compute: Compute = (inputs, recorder) => {
    const x = needed(inputs, 0, job);
    const rank = Math.max(x.dims.length, 1);
    if (given < -rank || given >= rank) {
      throw new ShapeError({
        what: `${node.op} has axis ${given}, its input is of rank ${rank}.`,
        where: `node "${node.name}"`,
      });
    }
    const { layout } = x;
    const y = Activation.reals(recorder, x.dims, layout);
    const axis = memoryAxis((given + rank) % rank, rank, layout);
    const { outer, length, inner } = splitAround(x.dims, layout, axis);
    recorder.call('softmaxF32', [outer, length, inner, x.reals(layout), y.reals(layout), logarithm]);
    return [y];
  };
  return { compute };
}
