import { fixedPoint } from '@espalier/kernels';
import { Activation } from '../memory/activation.js';
import { type Compute, type Job, type Planned, type Refusal, refuse } from '../plan/job.js';
import { memoryAxis, splitAround } from '../steps/axes.js';
import { needed } from '../steps/operands.js';
import { gridsOf } from '../steps/pool.js';
import { expOfNegative, timesFixedPoint } from './integer-math.js';
import { roundingOf } from './rounding.js';

/** Softmax over codes, by fixed-point exponentials. @see tensorflow/lite/kernels/internal/reference/softmax.h */
export function planSoftmax(job: Job): Planned | Refusal {
  const grids = gridsOf(job);
  if (grids === null) return refuse('its input and its result are not both int8');
  const { x: from, y: to } = grids;
  if (to.scale !== 2 ** -8 || to.zero !== -128)
    return refuse('its result is not of scale 1/256 and zero point -128');
  const table = job.workspace.heap.place(exponentials(job, from.scale));
  const compute: Compute = (inputs, recorder) => {
    const x = needed(inputs, 0, job);
    const given = job.node.attributes.int('axis', -1);
    const rank = x.dims.length;
    const axis = given < 0 ? given + rank : given;
    const { layout } = x;
    const y = Activation.codes(recorder, x.dims, layout, to);
    const { outer, length, inner } = splitAround(x.dims, layout, memoryAxis(axis, rank, layout));
    recorder.call('softmaxFixedI8', [outer, length, inner, x.codes(layout), y.codes(layout), table]);
    return [y];
  };
  return { compute };
}

/** exp(-d * scale) * 2^31 for d from 0 to 255; -1 beyond what five integer bits hold. */
function exponentials({ form }: Job, scale: number): Int32Array {
  const rounding = roundingOf(form.rule);
  const most = rounding === 'once' ? 2 ** 30 - 1 : 2 ** 31 - 1;
  const factor = fixedPoint(Math.min(scale * 2 ** 26, most));
  const radius = Math.floor((31 * 2 ** 26) / 2 ** factor.shift);
  return Int32Array.from({ length: 256 }, (_, below) =>
    below > radius ? -1 : Number(expOfNegative(timesFixedPoint(-below, factor, rounding), 5)),
  );
}
