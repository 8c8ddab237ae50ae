/** The element types of tensors. `float16` is held as bits in a Uint16Array, `bool` as 0 and 1. */
export type DataType =
  | 'float32'
  | 'float64'
  | 'float16'
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'bool';

/** The array that holds the elements of each type. */
export interface DataTypeArrays {
  float32: Float32Array;
  float64: Float64Array;
  float16: Uint16Array;
  int8: Int8Array;
  uint8: Uint8Array;
  int16: Int16Array;
  uint16: Uint16Array;
  int32: Int32Array;
  uint32: Uint32Array;
  int64: BigInt64Array;
  uint64: BigUint64Array;
  bool: Uint8Array;
}

export type TensorData = DataTypeArrays[DataType];

interface ArrayConstructor<A> {
  new (length: number): A;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): A;
  readonly BYTES_PER_ELEMENT: number;
}

const arrays: { readonly [T in DataType]: ArrayConstructor<DataTypeArrays[T]> } = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
};

/** All element types, in the order of the `.espalier` file's numbering. */
export const dataTypes: readonly DataType[] = Object.keys(arrays) as DataType[];

/** Bytes one element takes. */
export function bytesPerElement(type: DataType): number {
  return arrays[type].BYTES_PER_ELEMENT;
}

/** A new array of `length` zeros of the given type. */
export function allocate<T extends DataType>(type: T, length: number): DataTypeArrays[T] {
  return new arrays[type](length);
}

/** Whether `data` is the kind of array that holds `type`. */
export function holds(type: DataType, data: TensorData): boolean {
  return data instanceof (arrays[type] as unknown as new () => TensorData);
}

/**
 * The elements that little-endian `bytes` hold. A view where the alignment allows, else a copy.
 * Every platform that runs WebAssembly is little-endian.
 */
export function fromBytes<T extends DataType>(type: T, bytes: Uint8Array): DataTypeArrays[T] {
  const size = bytesPerElement(type);
  const length = Math.floor(bytes.byteLength / size);
  if (bytes.byteOffset % size === 0) return new arrays[type](bytes.buffer, bytes.byteOffset, length);
  // Not `bytes.slice()`: that of a Node Buffer is a view, as misaligned as the original.
  const copy = new Uint8Array(bytes);
  return new arrays[type](copy.buffer, copy.byteOffset, length);
}

/** The bytes behind an array, without a copy. */
export function toBytes(data: TensorData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** float16, float32 and float64. */
export function isFloat(type: DataType): type is 'float32' | 'float64' | 'float16' {
  return type === 'float32' || type === 'float64' || type === 'float16';
}

/** int64 and uint64: the types whose elements are BigInts. */
export function isBigInt(type: DataType): type is 'int64' | 'uint64' {
  return type === 'int64' || type === 'uint64';
}

/** The least and greatest value of an integer type of at most 32 bits. */
export function integerRange(type: IntegerType): { readonly min: number; readonly max: number } {
  const bits = bytesPerElement(type) * 8;
  return type.startsWith('u')
    ? { min: 0, max: 2 ** bits - 1 }
    : { min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 };
}

export type IntegerType = 'int8' | 'uint8' | 'int16' | 'uint16' | 'int32' | 'uint32';
