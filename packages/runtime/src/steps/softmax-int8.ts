import { elementCount } from '@espalier/core';
import { Activation } from '../memory/activation.js';
import { codeOf } from '../memory/grid.js';
import { type Compute, type Job, type Planned, type Refusal, refuse } from '../plan/job.js';
import { needed } from './operands.js';
import { type GridPair, gridsOf } from './pool.js';

/** Softmax over codes. Differences to the largest code are whole numbers, so exponentials come from a table of 256. */
export function planSoftmaxInt8(job: Job): Planned | Refusal {
  const grids = gridsOf(job);
  if (grids === null) return refuse('it is not quantized');
  const exponentials = Float64Array.from({ length: 256 }, (_, below) => Math.exp(-below * grids.x.scale));
  const compute: Compute = (inputs, recorder) => {
    const x = needed(inputs, 0, job);
    const given = job.node.attributes.int('axis', -1);
    const axis = given < 0 ? given + x.dims.length : given;
    const y = Activation.codes(recorder, x.dims, 'row-major', grids.y);
    x.codes('row-major');
    const inner = elementCount(x.dims.slice(axis + 1));
    const length = x.dims[axis] ?? 1;
    recorder.host(() => {
      const [from, to] = [x.codeView('row-major'), y.codeView('row-major')];
      for (let start = 0; start < from.length; start += length * inner) {
        for (let i = start; i < start + inner; i++)
          softmaxRow(from, to, i, inner, length, exponentials, grids);
      }
    });
    return [y];
  };
  return { compute };
}

function softmaxRow(
  from: Int8Array,
  to: Int8Array,
  start: number,
  step: number,
  length: number,
  exponentials: Float64Array,
  { y }: GridPair,
): void {
  const end = start + length * step;
  let largest = -128;
  for (let i = start; i < end; i += step) largest = Math.max(largest, from[i] ?? 0);
  let sum = 0;
  for (let i = start; i < end; i += step) sum += exponentials[largest - (from[i] ?? 0)] ?? 0;
  for (let i = start; i < end; i += step)
    to[i] = codeOf((exponentials[largest - (from[i] ?? 0)] ?? 0) / sum, y);
}
