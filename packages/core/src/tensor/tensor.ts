import { ShapeError } from '../errors/errors.js';
import { allocate, type DataType, type DataTypeArrays, holds, isBigInt } from './data-type.js';
import { float16ToFloat32, float32ToFloat16 } from './float16.js';

/** Number of elements of a shape; 1 for a scalar, whose shape is `[]`. */
export function elementCount(dims: readonly number[]): number {
  let count = 1;
  for (const dim of dims) count *= dim;
  return count;
}

/**
 * A typed, dense, row-major array. Its data is never written in place: make a new array.
 *
 * @throws {ShapeError} when a dim is no natural number, or `data` does not fit `type` and `dims`
 */
export class Tensor<T extends DataType = DataType> {
  readonly type: T;
  readonly dims: readonly number[];
  readonly data: DataTypeArrays[T];

  constructor(type: T, data: DataTypeArrays[T], dims: readonly number[] = [data.length]) {
    for (const dim of dims) {
      if (!Number.isSafeInteger(dim) || dim < 0) {
        throw new ShapeError({
          what: `A dim of a tensor is ${dim}.`,
          where: `shape [${dims.join(', ')}]`,
          fix: 'Use natural numbers.',
        });
      }
    }
    const count = elementCount(dims);
    if (!holds(type, data) || data.length !== count) {
      throw new ShapeError({
        what: `A ${type} tensor of shape [${dims.join(', ')}] has ${count} elements, its data is a ${data.constructor.name} of ${data.length}.`,
        fix: 'Pass an array of the type and length that the shape asks for.',
      });
    }
    this.type = type;
    this.data = data;
    // Freezing takes longer than all the rest: what is frozen is taken as it is.
    this.dims = Object.isFrozen(dims) ? dims : Object.freeze([...dims]);
  }

  /** Number of elements. */
  get size(): number {
    return this.data.length;
  }

  /** The same data under another shape with as many elements. */
  reshape(dims: readonly number[]): Tensor<T> {
    return new Tensor(this.type, this.data, dims);
  }
}

/** A tensor of zeros. */
export function zeros<T extends DataType>(type: T, dims: readonly number[]): Tensor<T> {
  return new Tensor(type, allocate(type, elementCount(dims)), dims);
}

/** A tensor of a float or small integer type from plain numbers, stored as the type stores them. */
export function tensorOf(
  type: DataType,
  values: ArrayLike<number>,
  dims: readonly number[] = [values.length],
): Tensor {
  const data = allocate(type, values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    if (isBigInt(type)) data[i] = BigInt(value);
    else data[i] = type === 'float16' ? float32ToFloat16(value) : value;
  }
  return new Tensor(type, data, dims);
}

/** The elements as plain numbers. 64-bit integers beyond 2^53 lose their low bits. */
export function toNumbers(tensor: Tensor): ArrayLike<number> {
  const { type, data } = tensor; // the type says which array `data` is
  if (type === 'float16') return float16ToFloat32(data as Uint16Array);
  if (isBigInt(type)) return Array.from(data as BigInt64Array, Number);
  return data as Exclude<typeof data, BigInt64Array | BigUint64Array>;
}

/** The elements as float32: the array itself where it is one already. */
export function toFloat32(tensor: Tensor): Float32Array {
  if (tensor.type === 'float32') return tensor.data as Float32Array;
  if (tensor.type === 'float16') return float16ToFloat32(tensor.data as Uint16Array);
  return Float32Array.from(toNumbers(tensor));
}
