import {
  allocate,
  bytesPerElement,
  type DataType,
  elementCount,
  float16ToFloat32,
  isBigInt,
  Tensor,
  type TensorData,
  toFloat16Bits,
} from '@espalier/core';
import { unsupported } from './failures.js';
import { shown } from './inputs.js';
import type { NamedCall } from './operator.js';

/** Arrays whose elements are numbers. float16 is never computed on as bits: see `numbersOf`. */
export type Numbers = Exclude<TensorData, BigInt64Array | BigUint64Array>;
export type BigInts = BigInt64Array | BigUint64Array;

/** Results beyond this many elements are refused: shapes that large come from hostile or broken files. */
const maxElements = 2 ** 31;

/**
 * The elements as numbers: float16 decoded to float32, 64-bit integers (lossy beyond 2^53) to float64,
 * else the tensor's own array, which must not be written.
 */
export function numbersOf(tensor: Tensor): Numbers {
  if (tensor.type === 'float16') return float16ToFloat32(tensor.data as Uint16Array);
  if (isBigInt(tensor.type)) return Float64Array.from(tensor.data as BigInt64Array, Number);
  return tensor.data as Numbers;
}

/** The elements as float64, in an array of their own or that of a float64 tensor. */
export function doublesOf(tensor: Tensor): Float64Array {
  const numbers = numbersOf(tensor);
  return numbers instanceof Float64Array ? numbers : Float64Array.from(numbers);
}

/** The elements of an int64 or uint64 tensor. */
export function bigIntsOf(tensor: Tensor): BigInts {
  return tensor.data as BigInts;
}

/**
 * An array that results of `type` are written to as numbers: float32 for float16, which `tensorFrom`
 * rounds. Not for 64-bit integers.
 */
export function numbersFor(type: DataType, dims: readonly number[], call: NamedCall): Numbers {
  return storageFor(type === 'float16' ? 'float32' : type, dims, call) as Numbers;
}

/** The tensor of `type` whose elements `numbersFor` collected. */
export function tensorFrom(type: DataType, numbers: Numbers, dims: readonly number[]): Tensor {
  const data = type === 'float16' ? toFloat16Bits(numbers as Float32Array) : numbers;
  return new Tensor(type, data, dims);
}

/** The tensor of `type` nearest to float64 results; integers wrap. */
export function tensorFromDoubles(
  type: DataType,
  doubles: Float64Array,
  dims: readonly number[],
  call: NamedCall,
): Tensor {
  if (type === 'float64') return new Tensor(type, doubles, dims);
  if (isBigInt(type)) {
    const data = storageFor(type, dims, call) as BigInts;
    for (let i = 0; i < data.length; i++) data[i] = bigIntOf(doubles[i] ?? 0);
    return new Tensor(type, data, dims);
  }
  const out = numbersFor(type, dims, call);
  out.set(doubles);
  return tensorFrom(type, out, dims);
}

/** A number cut to an integer; NaN and infinities become 0, as typed arrays store them. */
export function bigIntOf(value: number): bigint {
  return Number.isFinite(value) ? BigInt(Math.trunc(value)) : 0n;
}

/**
 * An array of zeros for a result.
 *
 * @throws {UnsupportedError} when it would have more than 2^31 elements, or memory runs out
 */
export function storageFor(type: DataType, dims: readonly number[], call: NamedCall): TensorData {
  const count = checkedCount(dims, call);
  try {
    return allocate(type, count);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw unsupported(call, `no memory for ${count * bytesPerElement(type)} bytes, shape ${shown(dims)}.`);
  }
}

/**
 * The number of elements of a result, for what is allocated by it before the result itself.
 *
 * @throws {UnsupportedError} when there are more than 2^31
 */
export function checkedCount(dims: readonly number[], call: NamedCall): number {
  const count = elementCount(dims);
  if (count <= maxElements) return count;
  throw unsupported(call, `a result of shape ${shown(dims)} is larger than 2^31 elements.`);
}

/**
 * Any array as one whose elements are moved but not computed with. The element type named is a lie that
 * moving does not notice: source and target are always arrays of the same kind.
 */
export function moved(data: TensorData): Float32Array {
  return data as Float32Array;
}
