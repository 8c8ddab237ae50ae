import { elementCount } from '@espalier/core';
import { Activation } from '../memory/activation.js';
import { type Compute, type Job, type Planned, type Refusal, refuse } from '../plan/job.js';
import { needed } from './operands.js';
import { gridsOf } from './pool.js';

/** Softmax over codes. Differences to the largest code are whole numbers, so exponentials come from a table of 256. */
export function planSoftmaxInt8(job: Job): Planned | Refusal {
  const grids = gridsOf(job);
  if (grids === null) return refuse('it is not quantized');
  const { x: from, y: to } = grids;
  const exponentials = Float64Array.from({ length: 256 }, (_, below) => Math.exp(-below * from.scale));
  const table = job.workspace.heap.place(exponentials);
  const compute: Compute = (inputs, recorder) => {
    const x = needed(inputs, 0, job);
    const given = job.node.attributes.int('axis', -1);
    const axis = given < 0 ? given + x.dims.length : given;
    const y = Activation.codes(recorder, x.dims, 'row-major', to);
    const places = [x.codes('row-major'), y.codes('row-major')] as const;
    const outer = elementCount(x.dims.slice(0, axis));
    const inner = elementCount(x.dims.slice(axis + 1));
    recorder.call('softmaxI8', [outer, x.dims[axis] ?? 1, inner, ...places, table, to.scale, to.zero]);
    return [y];
  };
  return { compute };
}
