import {
  AffineEncoding,
  elementCount,
  InternalError,
  roundHalfEven,
  toFloat32,
  type Value,
} from '@espalier/core';
import type { Multipliers } from '@espalier/kernels';
import type { Grid } from '../memory/grid.js';
import { type Job, type Refusal, refuse } from '../plan/job.js';
import { gridOfValue, type IntegerWeight, integerWeight } from './operands.js';

/** A product of codes with integer weights, ready to be packed. */
export interface IntegerProduct {
  readonly x: Grid;
  readonly y: Grid;
  readonly weight: IntegerWeight;
  /** One an output channel, or one for all. */
  readonly multipliers: Multipliers;
  readonly zeroPoints: Int8Array | Uint8Array | undefined;
  readonly bias: Int32Array | undefined;
  /** Codes of the fused clamp. */
  readonly low: number;
  readonly high: number;
}

/** Those of the kernels that leave out zeros: plans of the other rules take the dense ones. */
export function float32Multipliers({ multipliers }: IntegerProduct): Float32Array {
  if (multipliers instanceof Float32Array) return multipliers;
  throw new InternalError({ what: 'Pruned weights were planned with fixed-point multipliers.' });
}

/** Half of int32 is for the sum of products; the bias has what a row leaves of all. */
const half = 2 ** 30;

/** The largest product: with a zero point in the weights, and without. */
const largestProduct = { symmetric: 255 * 128, asymmetric: 255 * 255 };

/**
 * Reads input, weight, bias and output of a Conv, Gemm or MatMul as integers.
 *
 * @param axis - the weight's dimension of output channels
 * @param channels - how many there are
 * @param rowLength - products in one sum
 */
export function readIntegerProduct(
  job: Job,
  weight: IntegerWeight,
  axis: number,
  channels: number,
  rowLength: number,
): IntegerProduct | Refusal {
  const x = gridOfValue(job.node.inputs[0]);
  const y = gridOfValue(job.outputs[0]);
  if (x === null || y === null) return refuse('its input or output is not quantized');
  const { scale, axis: weightAxis } = weight;
  if (weightAxis !== null && weightAxis !== axis)
    return refuse(`its weights are quantized along axis ${weightAxis}`);
  const asymmetric = weight.zeroPoint.some((zero) => zero !== 0);
  const largestSum = rowLength * largestProduct[asymmetric ? 'asymmetric' : 'symmetric'];
  if (largestSum > half) return refuse('its sums do not fit 32 bits');
  const bias = readBias(job, x, scale, channels, 2 ** 31 - largestSum);
  if (bias !== null && 'reason' in bias) return bias;
  return {
    x,
    y,
    weight,
    multipliers: job.form.columns(x.scale, scale, y.scale, ['Gemm', 'MatMul'].includes(job.node.op)),
    zeroPoints: asymmetric ? zeroPointsOf(weight) : undefined,
    bias: bias ?? undefined,
    low: job.form.codeOf(job.clamp.low, y),
    high: job.form.codeOf(job.clamp.high, y),
  };
}

function zeroPointsOf({ codes, zeroPoint }: IntegerWeight): Int8Array | Uint8Array {
  return codes instanceof Uint8Array ? Uint8Array.from(zeroPoint) : Int8Array.from(zeroPoint);
}

/** An 8-bit weight that is the second input; a refusal where it is none. */
export function weightOf(job: Job): IntegerWeight | Refusal {
  return integerWeight(job.node.inputs[1]) ?? refuse('its weights are not 8-bit integers');
}

/**
 * The bias as int32 at scale xScale * weightScale: the codes where it is stored so, else rounded to that
 * grid, half to even. ONNX QLinearConv, opset 10. Converters of TensorFlow Lite give channels whose weights are all zero
 * biases of some 2^30.
 *
 * @param limit - codes must be smaller
 */
function readBias(
  job: Job,
  x: Grid,
  weightScale: Float32Array,
  channels: number,
  limit: number,
): Int32Array | Refusal | null {
  const codes = biasCodes(job, x, weightScale, channels);
  if (codes === null || 'reason' in codes) return codes;
  for (const code of codes)
    if (!(Math.abs(code) < limit)) return refuse('its bias is too large for its scale');
  return codes instanceof Int32Array ? codes : Int32Array.from(codes);
}

/** The bias in whole units of xScale * weightScale, of any size; null where there is none. */
export function biasCodes(
  job: Job,
  x: Grid,
  weightScale: Float32Array,
  channels: number,
): Int32Array | Float64Array | Refusal | null {
  const value = job.node.inputs[2];
  if (value == null) return null;
  const size = value.constant === null ? 0 : elementCount(value.constant.dims);
  if (size !== channels && size !== 1) return refuse('its bias is not one number a channel');
  // Mostly there are codes as they are wanted: the reals are not computed then.
  return storedBias(value, x, weightScale, channels) ?? roundedBias(job, value, x, weightScale, channels);
}

function roundedBias(
  job: Job,
  value: Value,
  x: Grid,
  weightScale: Float32Array,
  channels: number,
): Float64Array {
  const reals = job.constant(value);
  const values = reals === null ? new Float32Array() : toFloat32(reals);
  return Float64Array.from({ length: channels }, (_, c) => {
    const unit = x.scale * (weightScale[weightScale.length === 1 ? 0 : c] ?? 1);
    return roundHalfEven((values[values.length === 1 ? 0 : c] ?? 0) / unit);
  });
}

function storedBias(
  { constant: encoding }: Value,
  x: Grid,
  weightScale: Float32Array,
  channels: number,
): Int32Array | null {
  if (!(encoding instanceof AffineEncoding) || elementCount(encoding.dims) !== channels) return null;
  const { scale, zeroPoint, storageType } = encoding.quantization;
  if (storageType !== 'int32' || zeroPoint.some((zero) => zero !== 0)) return null;
  for (let c = 0; c < channels; c++) {
    const own = scale[scale.length === 1 ? 0 : c] ?? 0;
    const unit = x.scale * (weightScale[weightScale.length === 1 ? 0 : c] ?? 1);
    // Both are that product, rounded to float32 once or twice.
    if (Math.abs(own - unit) > unit * 2 ** -22) return null;
  }
  return encoding.children.codes.decode().data as Int32Array; // the storage type was compared above
}
