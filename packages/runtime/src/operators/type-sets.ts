import { type DataType, dataTypes } from '@espalier/core';

/** Every element type. */
export const allTypes: readonly DataType[] = dataTypes;

export const floatTypes: readonly DataType[] = ['float32', 'float64', 'float16'];

export const integerTypes: readonly DataType[] = [
  'int8',
  'uint8',
  'int16',
  'uint16',
  'int32',
  'uint32',
  'int64',
  'uint64',
];

/** Everything but bool. */
export const numericTypes: readonly DataType[] = [...floatTypes, ...integerTypes];

export const signedTypes: readonly DataType[] = [...floatTypes, 'int8', 'int16', 'int32', 'int64'];

export const boolTypes: readonly DataType[] = ['bool'];

export const indexTypes: readonly DataType[] = ['int32', 'int64'];

export const byteTypes: readonly DataType[] = ['int8', 'uint8'];
