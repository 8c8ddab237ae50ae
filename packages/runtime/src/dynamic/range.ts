import { elementCount, rangeAxes, UnsupportedError } from '@espalier/core';
import { Activation } from '../memory/activation.js';
import type { Layout } from '../memory/layout.js';
import { type Compute, type Job, type Planned, type Refusal, refuse } from '../plan/job.js';
import { isFloat32Value, needed } from '../steps/operands.js';
import { numberOf } from '../tape/block.js';
import { rangeCodes, wayOf } from './codes.js';

/** An activation rounded to its own ranges where no product takes it as codes: to codes by the kernel, and back by plain TypeScript. */
export function planRange(job: Job): Planned | Refusal {
  if (!isFloat32Value(job.node.inputs[0])) return refuse('it is not float32');
  const { heap } = job.workspace;
  const compute: Compute = (inputs, recorder) => {
    const x = needed(inputs, 0, job);
    const { layout, count } = runsOf(job, x.dims);
    const ranges = elementCount(x.dims) / Math.max(count, 1);
    const y = Activation.reals(recorder, x.dims, layout);
    const { codes, units } = rangeCodes(recorder, wayOf(job.form), x.reals(layout), { ranges, count });
    recorder.host(() => {
      const [from, to] = [heap.int8(numberOf(codes), x.size), y.realView(layout)];
      const [scales, zeros] = [
        heap.float32(numberOf(units), ranges * 2),
        heap.int32(numberOf(units), ranges * 2),
      ];
      for (let i = 0; i < to.length; i++) {
        const unit = Math.floor(i / count) * 2;
        to[i] = ((from[i] ?? 0) - (zeros[unit + 1] ?? 0)) * (scales[unit] ?? 0);
      }
    });
    return [y];
  };
  return { compute };
}

/** In which layout the elements of a range stand together, and how many there are. */
function runsOf(job: Job, dims: readonly number[]): { readonly layout: Layout; readonly count: number } {
  const axes = rangeAxes(job.node, dims.length);
  const isTail = axes.every((axis, i) => axis === dims.length - axes.length + i);
  if (isTail) return { layout: 'row-major', count: elementCount(dims.slice(dims.length - axes.length)) };
  if (axes.length === 1 && axes[0] === 1) return { layout: 'channels-last', count: dims[1] ?? 0 };
  throw new UnsupportedError({
    what: `The axes [${axes.join(', ')}] of a tensor of ${dims.length} dimensions can't share a range here.`,
    where: `node "${job.node.name}"`,
    fix: 'Let all axes share one, those behind the first, or the channels.',
  });
}
