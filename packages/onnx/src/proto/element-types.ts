import type { DataType } from '@espalier/core';
import { TensorProto_DataType as Onnx } from '../gen/onnx_pb.js';

const numbers: { readonly [T in DataType]: Onnx } = {
  float32: Onnx.FLOAT,
  float64: Onnx.DOUBLE,
  float16: Onnx.FLOAT16,
  int8: Onnx.INT8,
  uint8: Onnx.UINT8,
  int16: Onnx.INT16,
  uint16: Onnx.UINT16,
  int32: Onnx.INT32,
  uint32: Onnx.UINT32,
  int64: Onnx.INT64,
  uint64: Onnx.UINT64,
  bool: Onnx.BOOL,
};

const types: ReadonlyMap<number, DataType> = new Map(
  (Object.keys(numbers) as DataType[]).map((type) => [numbers[type], type]),
);

/** The element type of an ONNX number; undefined where the IR has none (strings, bfloat16, int4, …). */
export function elementTypeOf(number: number): DataType | undefined {
  return types.get(number);
}

/** Integers of 4 bits, two to a byte: the IR holds them as packed codes of 8. */
const packedTypes: ReadonlyMap<number, 'int8' | 'uint8'> = new Map([
  [Onnx.INT4, 'int8'],
  [Onnx.UINT4, 'uint8'],
] as const);

/** The type of codes that a 4-bit type is read as; undefined for other types. */
export function packedElementTypeOf(number: number): 'int8' | 'uint8' | undefined {
  return packedTypes.get(number);
}

/** ONNX's number of codes in 4 bits. */
export function packedElementTypeNumber(type: 'int8' | 'uint8'): number {
  return type === 'int8' ? Onnx.INT4 : Onnx.UINT4;
}

/** ONNX's number of an element type. */
export function elementTypeNumber(type: DataType): number {
  return numbers[type];
}

/** What ONNX calls an element type number: `BFLOAT16`, or `99` where it has no name. */
export function elementTypeName(number: number): string {
  return Onnx[number] ?? `${number}`;
}

/** The number of a name as Cast had it before opset 6: `FLOAT`, `INT64`. */
export function elementTypeNamed(name: string): number | undefined {
  const number: unknown = Onnx[name.toUpperCase() as keyof typeof Onnx];
  return typeof number === 'number' ? number : undefined;
}
