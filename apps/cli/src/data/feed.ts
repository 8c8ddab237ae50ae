import {
  allocate,
  clamp,
  DataError,
  type DataType,
  elementCount,
  float16ToFloat32,
  type IntegerType,
  integerRange,
  isBigInt,
  isFloat,
  roundHalfAway,
  Tensor,
  type TensorData,
  toFloat16Bits,
} from '@espalier/core';
import type { DataOptions, InputShape, SamplePlan } from './sample-plan.js';

/**
 * Makes samples into what the model's input takes: axes in order, bytes scaled to 0..1 for a float
 * input, then (x - mean) / std, then the input's type. An input of codes gets the codes of these reals, but of the bytes of
 * plain images they themselves, moved to the range of int8.
 *
 * @param data - `count` samples of shape `plan.from`, row-major
 * @returns shape [count, ...plan.to]
 * @throws {DataError} when an integer leaves the range of the input's type
 */
export function makeFeed(
  data: TensorData,
  type: DataType,
  count: number,
  plan: SamplePlan,
  input: InputShape,
  options: DataOptions,
  name: string,
): Tensor {
  const dims = [count, ...plan.to];
  const ordered = plan.permutation === null ? data : permuteSamples(data, count, plan.from, plan.permutation);
  if (!isFloat(input.dtype)) {
    const codes = toCodes(ordered, type, plan, input, options);
    if (codes !== null) return new Tensor<DataType>(input.dtype, codes, dims);
    return new Tensor<DataType>(input.dtype, toIntegers(ordered, type, input, name), dims);
  }
  const values = toReals(ordered, type, options);
  normalize(values, plan, options);
  if (input.dtype === 'float16') return new Tensor('float16', toFloat16Bits(values), dims);
  if (input.dtype === 'float64') return new Tensor('float64', Float64Array.from(values), dims);
  return new Tensor('float32', values, dims);
}

/** The samples with their axes permuted: axis i of the result is axis `permutation[i]` of the data. */
function permuteSamples(
  data: TensorData,
  count: number,
  from: readonly number[],
  permutation: readonly number[],
): TensorData {
  const out = data.slice() as TensorData;
  const strideOf = (axis: number): number => elementCount(from.slice(axis + 1));
  const [a = 1, b = 1, c = 1] = permutation.map((axis) => from[axis] ?? 1);
  const [sa = 0, sb = 0, sc = 0] = permutation.map(strideOf);
  const perSample = a * b * c;
  let to = 0;
  for (let n = 0; n < count; n++) {
    for (let i = 0; i < a; i++) {
      for (let j = 0; j < b; j++) {
        const row = n * perSample + i * sa + j * sb;
        for (let k = 0; k < c; k++) out[to++] = data[row + k * sc] ?? 0;
      }
    }
  }
  return out;
}

/** A new float32 array: bytes as 0..1, all else as it is. */
function toReals(data: TensorData, type: DataType, { rawBytes = false }: DataOptions): Float32Array {
  if (type === 'float16') return float16ToFloat32(data as Uint16Array);
  const out = new Float32Array(data.length);
  const unit = type === 'uint8' && !rawBytes ? 255 : 1;
  for (let i = 0; i < out.length; i++) out[i] = Number(data[i]) / unit;
  return out;
}

function normalize(values: Float32Array, plan: SamplePlan, { mean, std }: DataOptions): void {
  if (mean === undefined && std === undefined) return;
  const axis = plan.channelAxis;
  const channels = axis === null ? 1 : (plan.to[axis] ?? 1);
  const inner = axis === null ? values.length : elementCount(plan.to.slice(axis + 1));
  for (let i = 0; i < values.length; i++) {
    const channel = Math.floor(i / inner) % channels;
    const center = mean?.[mean.length === 1 ? 0 : channel] ?? 0;
    const spread = std?.[std.length === 1 ? 0 : channel] ?? 1;
    values[i] = ((values[i] ?? 0) - center) / spread;
  }
}

/** Codes of an input that says what its codes mean; null where the data are codes themselves. */
function toCodes(
  data: TensorData,
  type: DataType,
  plan: SamplePlan,
  { dtype, grid }: InputShape,
  options: DataOptions,
): TensorData | null {
  if (grid == null || type === dtype || (dtype !== 'int8' && dtype !== 'uint8')) return null;
  if (isPlainImage(type, plan, options)) return Int8Array.from(data as Uint8Array, (byte) => byte - 128);
  const values = toReals(data, type, options);
  normalize(values, plan, options);
  const { min, max } = integerRange(dtype);
  const codes = allocate(dtype, values.length);
  for (let i = 0; i < codes.length; i++)
    codes[i] = clamp(roundHalfAway((values[i] ?? 0) / grid.scale) + grid.zeroPoint, min, max);
  return codes;
}

/** Whether bytes are those of images, of which nothing else is said: each then has a code of its own. */
export function isPlainImage(
  type: DataType,
  { channelAxis }: SamplePlan,
  { mean, std, rawBytes }: DataOptions,
): boolean {
  return type === 'uint8' && channelAxis !== null && !rawBytes && mean === undefined && std === undefined;
}

function toIntegers(data: TensorData, type: DataType, input: InputShape, name: string): TensorData {
  if (type === input.dtype) return data;
  const out = allocate(input.dtype, data.length);
  const wide = isBigInt(input.dtype);
  const { min, max } = wide ? { min: -(2 ** 63), max: 2 ** 64 } : rangeOf(input.dtype);
  for (let i = 0; i < out.length; i++) {
    const value = Number(data[i]);
    if (value < min || value > max) {
      throw new DataError({
        what: `"${name}" holds ${value}, which input "${input.name}" of type ${input.dtype} can't take.`,
        fix: `Save it as ${input.dtype}.`,
      });
    }
    out[i] = wide ? BigInt(data[i] ?? 0) : value;
  }
  return out;
}

function rangeOf(type: DataType): { readonly min: number; readonly max: number } {
  return type === 'bool' ? { min: 0, max: 1 } : integerRange(type as IntegerType); // floats went before
}
