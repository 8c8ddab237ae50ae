import type { DataType } from '@espalier/core';

/** Element types by number, as the schema names them. @see TensorType in schema.fbs of TensorFlow Lite, version 3 */
const names: readonly string[] = [
  ...['FLOAT32', 'FLOAT16', 'INT32', 'UINT8', 'INT64', 'STRING', 'BOOL', 'INT16', 'COMPLEX64', 'INT8'],
  ...['FLOAT64', 'COMPLEX128', 'UINT64', 'RESOURCE', 'VARIANT', 'UINT32', 'UINT16', 'INT4', 'BFLOAT16'],
  ...['INT2', 'UINT4', 'FLOAT8_E4M3FN', 'FLOAT8_E5M2'],
];

const types: Readonly<Record<string, DataType>> = {
  FLOAT32: 'float32',
  FLOAT16: 'float16',
  FLOAT64: 'float64',
  INT32: 'int32',
  UINT32: 'uint32',
  INT16: 'int16',
  UINT16: 'uint16',
  INT8: 'int8',
  UINT8: 'uint8',
  INT64: 'int64',
  UINT64: 'uint64',
  BOOL: 'bool',
};

/** What the schema calls an element type. */
export function tensorTypeName(number: number): string {
  return names[number] ?? `number ${number}`;
}

/** The type of the IR for a number of the schema; null where there is none. */
export function dataTypeOf(number: number): DataType | null {
  return types[tensorTypeName(number)] ?? null;
}

/** The schema's number of a type. */
export function tensorTypeNumber(type: DataType): number {
  return names.findIndex((name) => types[name] === type);
}

/** Two codes a byte, the first in the low bits; the IR holds them as int8. */
export const int4: number = names.indexOf('INT4');
