import { elementCount, Tensor } from '@espalier/core';
import { Activation } from '../memory/activation.js';
import type { Compute, Job, Planned } from '../plan/job.js';
import { needed } from './operands.js';

/** Shape and Size: known as soon as the shapes of the inputs are, so a run does nothing for them. */
export function planShape(job: Job): Planned {
  const { attributes, op } = job.node;
  const compute: Compute = (inputs, recorder) => {
    const { dims } = needed(inputs, 0, job);
    const from = attributes.int('start', 0);
    const result =
      op === 'Size' ? [elementCount(dims)] : dims.slice(from, attributes.int('end') ?? dims.length);
    const data = BigInt64Array.from(result, BigInt);
    return [Activation.fixed(recorder.held, new Tensor('int64', data, op === 'Size' ? [] : [result.length]))];
  };
  return { compute };
}
