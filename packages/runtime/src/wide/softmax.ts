import { fixedPoint, fixedPointScale } from '@espalier/kernels';
import { exponentialTable, reciprocalTable } from '@espalier/kernels/wide';
import { roundingOf } from '../fixed-point/rounding.js';
import { Activation } from '../memory/activation.js';
import { type Compute, type Job, type Planned, type Refusal, refuse } from '../plan/job.js';
import { memoryAxis, splitAround } from '../steps/axes.js';
import { needed } from '../steps/operands.js';
import { symmetricGrids } from './elementwise.js';

/** How far from 2^-15 TensorFlow Lite lets the scale of a result be, in parts of it. */
const tolerance = 0.001;

/** Softmax of int16, by tables. @see SoftmaxInt16 in tensorflow/lite/kernels/internal/reference/softmax.h */
export function planSoftmaxI16(job: Job): Planned | Refusal {
  const grids = symmetricGrids(job);
  if ('reason' in grids) return grids;
  const { x: from, y: to } = grids;
  if (!(Math.abs(to.scale * 2 ** 15 - 1) <= tolerance)) return refuse('its result is not of scale 2^-15');
  const { heap } = job.workspace;
  const factor = fixedPoint(from.scale / (10 / 65535));
  const scale = heap.place(fixedPointScale(factor, roundingOf(job.form.rule)));
  const [exponentials, reciprocals] = [heap.place(exponentialTable()), heap.place(reciprocalTable())];
  const compute: Compute = (inputs, recorder) => {
    const x = needed(inputs, 0, job);
    const rank = x.dims.length;
    const given = job.node.attributes.int('axis', -1);
    const { layout } = x;
    const y = Activation.codes(recorder, x.dims, layout, to);
    const axis = memoryAxis(given < 0 ? given + rank : given, rank, layout);
    const { outer, length, inner } = splitAround(x.dims, layout, axis);
    const places = [x.codes(layout), y.codes(layout), scale, exponentials, reciprocals];
    if (length > 65535) throw new RangeError(`a sum of ${length} exponentials is not exact`);
    if (x.size > 0) recorder.call('softmaxI16', [outer, length, inner, ...places]);
    return [y];
  };
  return { compute };
}
