import { toNumbers } from '@espalier/core';
import { fixedPoint, fixedPointScale } from '@espalier/kernels';
import { Activation } from '../memory/activation.js';
import type { Grid } from '../memory/grid.js';
import { type Compute, type Job, type Planned, type Planner, type Refusal, refuse } from '../plan/job.js';
import { heldOperands } from '../steps/arithmetic.js';
import { gridOfValue, needed } from '../steps/operands.js';
import { pairStep } from '../steps/pair.js';
import { roundingOf } from './rounding.js';

/** Bits that codes of 8 bits are shifted by before they are added. */
const shift = 20;

/** The three factors of a sum: of each operand to twice the larger scale, and from that to the result. */
export type Factors = readonly [a: number, b: number, y: number];

/** @see CalculateOpDataAdd in tensorflow/lite/micro/kernels/add_common.cc */
export function addFactors(a: Grid, b: Grid, y: Grid, bits: number): Factors {
  const twice = 2 * Math.max(a.scale, b.scale);
  return [a.scale / twice, b.scale / twice, twice / (2 ** bits * y.scale)];
}

/** In float32. @see CalculateOpDataSub in tensorflow/lite/micro/kernels/sub_common.cc */
export function subFactors(a: Grid, b: Grid, y: Grid, bits: number): Factors {
  return addFactors(a, b, y, bits).map(Math.fround) as unknown as Factors; // three stay three
}

interface Operands {
  readonly a: Grid;
  readonly b: Grid;
  readonly y: Grid;
  readonly held: ReturnType<typeof heldOperands>;
  readonly low: number;
  readonly high: number;
}

function operandsOf(job: Job): Operands | Refusal {
  const held = heldOperands(job);
  const [a, b] = job.node.inputs.map((value, index) => held.get(index)?.grid ?? gridOfValue(value));
  const y = gridOfValue(job.outputs[0]);
  if (a == null || b == null || y === null) return refuse('its operands and its result are not all int8');
  const { form, clamp } = job;
  return { a, b, y, held, low: form.codeOf(clamp.low, y), high: form.codeOf(clamp.high, y) };
}

/** Add and Sub: both operands are brought to one finer scale, added, and scaled once more. */
export function planSum(kernel: 'addFixedI8' | 'subFixedI8'): Planner {
  return (job): Planned | Refusal => {
    const operands = operandsOf(job);
    if ('reason' in operands) return operands;
    const { a, b, y, held, low, high } = operands;
    const factors = (kernel === 'addFixedI8' ? addFactors : subFactors)(a, b, y, shift).map(fixedPoint);
    // As QuantizeMultiplierSmallerThanOneExp demands.
    if (factors.some(({ shift }) => shift > 0))
      return refuse('the scale of its result is too small for its operands');
    const { heap } = job.workspace;
    const rounding = roundingOf(job.form.rule);
    const [aScale = 0, bScale = 0, yScale = 0] = factors.map((one) =>
      heap.place(fixedPointScale(one, rounding)),
    );
    const compute = pairStep(job, {
      element: 'code',
      grid: y,
      commutes: kernel === 'addFixedI8',
      held,
      kernel,
      argsOf: ({ rows, columns, bRowStride, bColumnStride }, x, other, to, swapped) => {
        const terms = swapped ? [bScale, b.zero, aScale, a.zero] : [aScale, a.zero, bScale, b.zero];
        return [rows, columns, x, other, bRowStride, bColumnStride, to, ...terms, yScale, y.zero, low, high];
      },
    });
    return { compute, packed: [...held.keys()] };
  };
}

/** Mul: the product of codes less their zero points, scaled once. */
export function planProduct(job: Job): Planned | Refusal {
  const operands = operandsOf(job);
  if ('reason' in operands) return operands;
  const { a, b, y, held, low, high } = operands;
  const factor = fixedPoint((a.scale * b.scale) / y.scale);
  const scale = job.workspace.heap.place(fixedPointScale(factor, roundingOf(job.form.rule)));
  const compute = pairStep(job, {
    element: 'code',
    grid: y,
    commutes: true,
    held,
    kernel: 'mulFixedI8',
    argsOf: ({ rows, columns, bRowStride, bColumnStride }, x, other, to, swapped) => {
      const zeros = swapped ? [b.zero, a.zero] : [a.zero, b.zero];
      return [rows, columns, x, other, bRowStride, bColumnStride, to, ...zeros, scale, y.zero, low, high];
    },
  });
  return { compute, packed: [...held.keys()] };
}

/** Mul by a constant that only moves the scale: the codes stay. SOFTMAX has such a factor, beta. */
export function planRescale(job: Job): Planned | Refusal {
  const x = gridOfValue(job.node.inputs[0]);
  const y = gridOfValue(job.outputs[0]);
  const factor = job.constant(job.node.inputs[1]);
  if (x === null || y === null || factor?.size !== 1)
    return refuse('it does not multiply codes by one number');
  const by = toNumbers(factor)[0] ?? 0;
  const staysPut = Math.fround(x.scale * by) === y.scale && x.zero === y.zero;
  if (!staysPut || Number.isFinite(job.clamp.low) || Number.isFinite(job.clamp.high))
    return refuse('its codes do not stay');
  const compute: Compute = (inputs, recorder) => {
    const from = needed(inputs, 0, job);
    const { layout } = from;
    const to = Activation.codes(recorder, from.dims, layout, y);
    recorder.call('copyRows', [1, from.size, from.codes(layout), from.size, to.codes(layout), from.size]);
    return [to];
  };
  return { compute, packed: [1] };
}
