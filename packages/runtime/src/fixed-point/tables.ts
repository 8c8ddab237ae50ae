import { fixedPoint } from '@espalier/kernels';
import { Activation } from '../memory/activation.js';
import type { Grid } from '../memory/grid.js';
import { clampOf } from '../plan/clamp.js';
import { type Compute, type Job, type Planned, type Planner, type Refusal, refuse } from '../plan/job.js';
import { needed } from '../steps/operands.js';
import { type GridPair, gridsOf } from '../steps/pool.js';
import { hardSwish } from './hard-swish.js';
import { dividedByPower, logisticOf, tanhOf, timesFixedPoint } from './integer-math.js';
import { roundingOf } from './rounding.js';

/** Steps of the result from its zero point, for steps of the input from its own. */
type StepMap = (steps: number) => number;

/** What an operator makes of one code; a refusal where its grids or attributes have no such form. */
type MapOf = (job: Job, grids: GridPair) => StepMap | Refusal;

/** An operator of one int8, by a table of 256. */
export function planTable(mapOf: MapOf): Planner {
  return (job): Planned | Refusal => {
    const grids = gridsOf(job);
    if (grids === null) return refuse('its input and its result are not both int8');
    const map = mapOf(job, grids);
    if (typeof map !== 'function') return map;
    const { x, y } = grids;
    const [low, high] = [job.form.codeOf(job.clamp.low, y), job.form.codeOf(job.clamp.high, y)];
    const table = job.workspace.heap.place(
      Int8Array.from({ length: 256 }, (_, index) =>
        Math.min(Math.max(map(index - 128 - x.zero) + y.zero, low), high),
      ),
    );
    const compute: Compute = (inputs, recorder) => {
      const from = needed(inputs, 0, job);
      const { layout } = from;
      const to = Activation.codes(recorder, from.dims, layout, y);
      recorder.call('lutI8', [from.size, from.codes(layout), table, to.codes(layout)]);
      return [to];
    };
    return { compute, packed: [1, 2] };
  };
}

/** @see Requantize in tensorflow/lite/kernels/internal/reference/requantize.h */
export const requantizing: MapOf = (job, { x, y }) => scaling(job, x.scale / y.scale);

/** Relu, Relu6 and Clip; the quotient is one of float32. @see ReluQuantized in tensorflow/lite/micro/kernels/activations_common.cc */
export const clamping: MapOf = (job, grids) => {
  const clamp = clampOf(job.node);
  if (clamp === null) return refuse('its bounds are not constant');
  const { x, y } = grids;
  const [low, high] = [clamp.low, clamp.high].map((bound) => job.form.codeOf(bound, y) - y.zero);
  const scaled = scaling(job, Math.fround(x.scale / y.scale));
  return (steps) => Math.min(Math.max(scaled(steps), low ?? -Infinity), high ?? Infinity);
};

/** @see QuantizeLeakyRelu in tensorflow/lite/kernels/internal/reference/leaky_relu.h */
export const leakyRelu: MapOf = (job, { x, y }) => {
  const alpha = job.node.attributes.float('alpha', 0.01);
  const below = scaling(job, Math.abs(Math.fround(Math.fround(x.scale * alpha) / y.scale)));
  const above = scaling(job, Math.fround(x.scale / y.scale));
  return (steps) => (steps >= 0 ? above(steps) : Math.sign(alpha) * below(steps));
};

export const hardSwishing: MapOf = (_, { x, y }) =>
  hardSwish(x.scale, y.scale) ?? refuse('the scale of its result is too small for its input');

/** @see Logistic in tensorflow/lite/kernels/internal/reference/integer_ops/logistic.h */
export const sigmoid: MapOf = (job, { x, y }) =>
  isGrid(y, 2 ** -8, -128)
    ? bounded(job, x, [0, 255], (value) => dividedByPower(logisticOf(value), 23))
    : refuse('its result is not of scale 1/256 and zero point -128');

/** @see Tanh in tensorflow/lite/kernels/internal/reference/integer_ops/tanh.h */
export const tanh: MapOf = (job, { x, y }) =>
  isGrid(y, 2 ** -7, 0)
    ? bounded(job, x, [-128, 127], (value) => dividedByPower(tanhOf(value), 24))
    : refuse('its result is not of scale 1/128 and zero point 0');

function isGrid({ scale, zero }: Grid, wantedScale: number, wantedZero: number): boolean {
  return scale === wantedScale && zero === wantedZero;
}

/** Functions of a number with four integer bits; what is beyond them is an end of the range. */
function bounded(
  job: Job,
  x: Grid,
  [least, most]: readonly [number, number],
  of: (value: bigint) => bigint,
): StepMap {
  const factor = fixedPoint(x.scale * 2 ** 27);
  const radius = Math.floor((15 * 2 ** 27) / 2 ** factor.shift);
  const rounding = roundingOf(job.form.rule);
  return (steps) => {
    if (steps <= -radius) return least;
    if (steps >= radius) return most;
    return Math.min(Math.max(Number(of(timesFixedPoint(steps, factor, rounding))), least), most);
  };
}

function scaling(job: Job, factor: number): StepMap {
  const by = fixedPoint(factor);
  const rounding = roundingOf(job.form.rule);
  return (steps) => Number(timesFixedPoint(steps, by, rounding));
}
