import type { SumMultipliers } from '@espalier/kernels/wide';
import { columnFactors } from '../fixed-point/form.js';
import type { Grid } from '../memory/grid.js';
import { type Job, type Refusal, refuse } from '../plan/job.js';
import { biasCodes } from '../steps/integer-weights.js';
import type { IntegerWeight } from '../steps/operands.js';
import { boundsOf, codeGridOf } from './codes.js';

/** A product of codes, of 16 bits on one side at least, with integer weights, ready to be packed. */
export interface WideProduct {
  readonly x: Grid;
  readonly y: Grid;
  /** Codes of the weights less their zero points. */
  readonly data: Int8Array | Uint8Array | Int16Array;
  readonly bias: Int32Array | Float64Array | undefined;
  readonly multipliers: SumMultipliers;
  readonly inputZero: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Reads input, weight, bias and output of a Conv, Gemm or MatMul as integers. TensorFlow Lite has no kernels between 8 and 16 bits.
 *
 * @param axis - the weight's dimension of output channels
 * @param channels - how many there are
 */
export function readWideProduct(
  job: Job,
  weight: IntegerWeight,
  axis: number,
  channels: number,
): WideProduct | Refusal {
  const { node, form } = job;
  const [x, y] = [codeGridOf(node.inputs[0]), codeGridOf(job.outputs[0])];
  if (x === null || y === null) return refuse('its input or output is not quantized');
  if (form.rule !== 'onnx' && !(x.wide && y.wide))
    return refuse('its input and its result have different widths');
  if (weight.axis !== null && weight.axis !== axis)
    return refuse(`its weights are quantized along axis ${weight.axis}`);
  const bias = biasCodes(job, x, weight.scale, channels);
  if (bias !== null && 'reason' in bias) return bias;
  const isMatrix = node.op === 'Gemm' || node.op === 'MatMul';
  const [low, high] = boundsOf(job, y);
  return {
    ...{ x, y, bias: bias ?? undefined, low, high, inputZero: x.zero },
    data: shifted(weight, axis),
    multipliers: multipliersOf(job, x, weight.scale, y, isMatrix),
  };
}

function multipliersOf(
  { form }: Job,
  x: Grid,
  weightScale: Float32Array,
  y: Grid,
  isMatrix: boolean,
): SumMultipliers {
  if (form.rule === 'onnx')
    return {
      rule: 'nearest',
      factors: Float64Array.from(weightScale, (scale) => (x.scale * scale) / y.scale),
    };
  const factors = columnFactors(x.scale, weightScale, isMatrix).map((factor) => factor / y.scale);
  return { rule: 'short', factors };
}

/** The codes less the zero points of their channels. */
function shifted(
  { codes, dims, zeroPoint }: IntegerWeight,
  axis: number,
): Int8Array | Uint8Array | Int16Array {
  if (zeroPoint.every((zero) => zero === 0)) return codes;
  const inner = dims.slice(axis + 1).reduce((a, b) => a * b, 1);
  const count = zeroPoint.length === 1 ? 1 : (dims[axis] ?? 1);
  return Int16Array.from(codes, (code, at) => code - (zeroPoint[Math.floor(at / inner) % count] ?? 0));
}

/** Why weights could not be packed. */
export const sumsTooLarge: Refusal = refuse('its sums may be too large to be exact');
