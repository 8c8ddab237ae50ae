import { AffineEncoding } from '@espalier/core';
import { fixedPoint, fixedPointScale } from '@espalier/kernels';
import { addFactors, subFactors } from '../fixed-point/arithmetic.js';
import { roundingOf } from '../fixed-point/rounding.js';
import { Activation } from '../memory/activation.js';
import { type Grid, wideGridOf } from '../memory/grid.js';
import { type Job, type Planned, type Planner, type Refusal, refuse } from '../plan/job.js';
import { wideGridOfValue } from '../steps/operands.js';
import { pairStep } from '../steps/pair.js';
import { boundsOf } from './codes.js';

/** Bits that codes of 16 bits are shifted by before they are added. */
const shift = 15;

/** Smaller factors leave nothing of a code; their rounding would not fit the kernel's 32 bits. */
const leastShift = -30;

interface Operands {
  readonly a: Grid;
  readonly b: Grid;
  readonly y: Grid;
  readonly held: ReadonlyMap<number, Activation>;
}

function operandsOf(job: Job): Operands | Refusal {
  const held = heldOperands(job);
  const [a, b] = job.node.inputs.map((value, index) => held.get(index)?.grid ?? wideGridOfValue(value));
  const y = wideGridOfValue(job.outputs[0]);
  if (a == null || b == null || y === null) return refuse('its operands and its result are not all int16');
  if (a.zero !== 0 || b.zero !== 0) return refuse('its operands have zero points');
  return { a, b, y, held };
}

/** Operands that are constants of int16, as codes in kernel memory. */
function heldOperands({ node, workspace }: Job): ReadonlyMap<number, Activation> {
  const held = new Map<number, Activation>();
  for (const [index, value] of node.inputs.entries()) {
    const encoding = value?.constant;
    if (!(encoding instanceof AffineEncoding) || encoding.quantization.storageType !== 'int16') continue;
    const grid = wideGridOf(encoding.quantization);
    if (grid === null) continue;
    const activation = Activation.fixedCodes(workspace.held, encoding.dims, 'row-major', grid);
    // The codes have the storage type: the encoding was checked when it was made.
    activation.wideCodeView('row-major').set(encoding.children.codes.decode().data as Int16Array);
    held.set(index, activation);
  }
  return held;
}

/** Add and Sub: both operands are brought to one finer scale, added, and scaled once more. */
export function planSumI16(kernel: 'addI16' | 'subI16'): Planner {
  return (job): Planned | Refusal => {
    const operands = operandsOf(job);
    if ('reason' in operands) return operands;
    const { a, b, y, held } = operands;
    const factors = (kernel === 'addI16' ? addFactors : subFactors)(a, b, y, shift).map(fixedPoint);
    // As QuantizeMultiplierSmallerThanOneExp demands.
    if (factors.some((factor) => factor.shift > 0))
      return refuse('the scale of its result is too small for its operands');
    if (factors.some((factor) => factor.shift < leastShift)) return refuse('its scales are too far apart');
    const { heap } = job.workspace;
    const rounding = roundingOf(job.form.rule);
    const [aScale = 0, bScale = 0, yScale = 0] = factors.map((one) =>
      heap.place(fixedPointScale(one, rounding)),
    );
    const [low, high] = boundsOf(job, y);
    const compute = pairStep(job, {
      ...{ element: 'code', grid: y, commutes: kernel === 'addI16', held, kernel },
      argsOf: ({ rows, columns, bRowStride, bColumnStride }, x, other, to, swapped) => {
        const terms = swapped ? [bScale, 0, aScale, 0] : [aScale, 0, bScale, 0];
        return [rows, columns, x, other, bRowStride, bColumnStride, to, ...terms, yScale, y.zero, low, high];
      },
    });
    return { compute, packed: [...held.keys()] };
  };
}

/** Mul: the product of codes, scaled once. */
export function planProductI16(job: Job): Planned | Refusal {
  const operands = operandsOf(job);
  if ('reason' in operands) return operands;
  const { a, b, y, held } = operands;
  const factor = fixedPoint((a.scale * b.scale) / y.scale);
  if (factor.shift < leastShift) return refuse('its scales are too far apart');
  const scale = job.workspace.heap.place(fixedPointScale(factor, roundingOf(job.form.rule)));
  const [low, high] = boundsOf(job, y);
  const compute = pairStep(job, {
    ...{ element: 'code', grid: y, commutes: true, held, kernel: 'mulI16' },
    argsOf: ({ rows, columns, bRowStride, bColumnStride }, x, other, to) => {
      return [rows, columns, x, other, bRowStride, bColumnStride, to, scale, y.zero, low, high];
    },
  });
  return { compute, packed: [...held.keys()] };
}
