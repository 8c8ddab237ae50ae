import { type Grid, sameGrid } from '../memory/grid.js';
import { operatorOf } from '../operators/lookup.js';
import { type Compute, type Job, type Planned, type Refusal, refuse } from '../plan/job.js';
import { isSettled, planAxisOperatorPlain, planOnCodes, planOnReals } from './movement.js';
import { needed } from './operands.js';
import { gridsOf } from './pool.js';
import { resample } from './resample.js';

/** Whether Resize takes each element of its result from its input. */
function takesNearest({ node: { attributes } }: Job): boolean {
  const fills =
    attributes.string('coordinate_transformation_mode', 'half_pixel') === 'tf_crop_and_resize' &&
    attributes.float('extrapolation_value', 0) !== 0;
  return attributes.string('mode', 'nearest') === 'nearest' && !fills;
}

/** Resize over codes: to the nearest, or linear on one grid, where a mean of codes is the code of the mean. */
export function planResizeInt8(job: Job): Planned | Refusal {
  const { attributes } = job.node;
  const mode = attributes.string('mode', 'nearest');
  if (attributes.string('coordinate_transformation_mode', 'half_pixel') === 'tf_crop_and_resize') {
    return refuse('it fills in values');
  }
  if (takesNearest(job)) return planOnCodes(job, () => null, 0);
  const grids = gridsOf(job);
  const linear = mode === 'linear' && grids !== null && sameGrid(grids.x, grids.y);
  return linear ? planResample(job, grids.x) : refuse(`mode "${mode}" makes new values`);
}

/** Resize over float32: to the nearest by moving elements, or else by mixing them. */
export function planResizeFloat32(job: Job): Planned | Refusal {
  const { attributes } = job.node;
  if (attributes.string('mode', 'nearest') !== 'nearest') return planResample(job, null);
  const crops = attributes.string('coordinate_transformation_mode', 'half_pixel') === 'tf_crop_and_resize';
  return takesNearest(job) && !crops ? planOnReals(job, 0) : refuse('it fills in values');
}

/** Resize that mixes elements: reals, or codes on one grid. Where sizes are fed, by the plain operator. */
function planResample(job: Job, grid: Grid | null): Planned | Refusal {
  const entry = operatorOf(job.node);
  const plain = grid === null ? planAxisOperatorPlain(job) : planOnCodes(job, () => null, null);
  if (entry === undefined) return refuse('it is not implemented');
  if ('reason' in plain) return plain;
  const compute: Compute = (inputs, recorder) => {
    const x = needed(inputs, 0, job);
    const y = isSettled(entry, inputs) ? resample(job, entry, inputs, { x, grid }, recorder) : null;
    return y === null ? plain.compute(inputs, recorder) : [y];
  };
  return { compute };
}
