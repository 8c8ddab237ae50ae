import { fixedPoint, fixedPointScale } from '@espalier/kernels';
import { isNearPower, sigmoidScale, sigmoidTable } from '@espalier/kernels/wide';
import { roundingOf } from '../fixed-point/rounding.js';
import { Activation } from '../memory/activation.js';
import type { Grid } from '../memory/grid.js';
import { clampOf } from '../plan/clamp.js';
import { type Job, type Planned, type Planner, type Refusal, refuse } from '../plan/job.js';
import { needed, wideGridOfValue } from '../steps/operands.js';
import type { Address, Argument } from '../tape/block.js';
import { boundOf, codeGridOf } from './codes.js';

/** A kernel that goes over elements as they stand in memory. */
type Elementwise = (size: number, from: Address, to: Address) => readonly Argument[];

function overElements(
  job: Job,
  kernel: 'rescale' | 'leakyReluI16' | 'sigmoidI16' | 'tanhI16',
  y: Grid,
  argsOf: Elementwise,
): Planned {
  return {
    compute: (inputs, recorder) => {
      const from = needed(inputs, 0, job);
      const { layout } = from;
      const to = Activation.codes(recorder, from.dims, layout, y);
      recorder.call(kernel, argsOf(from.size, from.codes(layout), to.codes(layout)));
      return [to];
    },
    packed: [1, 2],
  };
}

function scaleOf({ workspace, form }: Job, factor: number): number {
  return workspace.heap.place(fixedPointScale(fixedPoint(factor), roundingOf(form.rule)));
}

/** From one grid to another, of 8 or 16 bits. @see Requantize in tensorflow/lite/kernels/internal/reference/requantize.h */
export function planRescale(job: Job): Planned | Refusal {
  return planScaled(job, (x, y) => x.scale / y.scale);
}

/** Relu, Relu6 and Clip; the quotient is one of float32. @see ReluQuantized in tensorflow/lite/micro/kernels/activations_common.cc */
export function planClampI16(job: Job): Planned | Refusal {
  return planScaled(job, (x, y) => Math.fround(x.scale / y.scale));
}

/** Both: a scale, within the bounds of the operator and of the activation that is fused into it. */
function planScaled(job: Job, factorOf: (x: Grid, y: Grid) => number): Planned | Refusal {
  const [x, y] = [codeGridOf(job.node.inputs[0]), codeGridOf(job.outputs[0])];
  if (x === null || y === null) return refuse('its input and its result are not both quantized');
  const own = job.node.op === 'Identity' ? { low: -Infinity, high: Infinity } : clampOf(job.node);
  if (own === null) return refuse('its bounds are not constant');
  const low = boundOf(job, Math.max(own.low, job.clamp.low), y);
  const high = boundOf(job, Math.min(own.high, job.clamp.high), y);
  const scale = scaleOf(job, factorOf(x, y));
  return overElements(job, 'rescale', y, (size, from, to) => {
    return [size, from, x.wide ? 2 : 1, to, y.wide ? 2 : 1, scale, x.zero, y.zero, low, high];
  });
}

/** @see QuantizeLeakyRelu in tensorflow/lite/kernels/internal/reference/leaky_relu.h */
export function planLeakyReluI16(job: Job): Planned | Refusal {
  const grids = symmetricGrids(job);
  if ('reason' in grids) return grids;
  const { x, y } = grids;
  const alpha = job.node.attributes.float('alpha', 0.01);
  const above = scaleOf(job, Math.fround(x.scale / y.scale));
  const below = scaleOf(job, Math.abs(Math.fround(Math.fround(x.scale * alpha) / y.scale)));
  return overElements(job, 'leakyReluI16', y, (size, from, to) => {
    return [size, from, to, above, below, alpha < 0 ? -1 : 1];
  });
}

/** Sigmoid and Tanh. @see Logistic and Tanh of int16 in tensorflow/lite/kernels/internal/reference/integer_ops */
export function planSigmoidI16(isTanh: boolean): Planner {
  return (job): Planned | Refusal => {
    const grids = symmetricGrids(job);
    if ('reason' in grids) return grids;
    const { x, y } = grids;
    if (!isNearPower(y.scale, -15)) return refuse('its result is not of scale 2^-15');
    const by = sigmoidScale(x.scale, isTanh);
    if (by === null) return refuse('the scale of its input is too large');
    const table = job.workspace.heap.place(sigmoidTable());
    return overElements(job, isTanh ? 'tanhI16' : 'sigmoidI16', y, (size, from, to) => {
      return [size, from, to, table, by.multiplier, by.shift];
    });
  };
}

/** Int16 grids with zero points of 0. */
export function symmetricGrids(job: Job): { readonly x: Grid; readonly y: Grid } | Refusal {
  const [x, y] = [wideGridOfValue(job.node.inputs[0]), wideGridOfValue(job.outputs[0])];
  if (x === null || y === null) return refuse('its input and its result are not both int16');
  if (x.zero !== 0 || y.zero !== 0) return refuse('its input or its result has a zero point');
  return { x, y };
}
