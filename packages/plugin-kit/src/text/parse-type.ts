import {
  type DataType,
  type Dim,
  dataTypes,
  type IntegerType,
  type Quantization,
  quantization,
  type ValueType,
} from '@espalier/core';
import type { Cursor } from './cursor.js';

/** `float32[N, 3]`, `float32[...]` or `?`, with a quantization behind it where there is one. */
export function parseType(cursor: Cursor): ValueType | null {
  if (cursor.take('?')) return null;
  const dtype = parseDataType(cursor);
  const dims = parseDims(cursor);
  const parameters = cursor.match(/q(?= )/y) === null ? undefined : parseQuantization(cursor);
  return parameters === undefined ? { dtype, dims } : { dtype, dims, quantization: parameters };
}

export function parseDataType(cursor: Cursor): DataType {
  const name = cursor.match(/[a-z]+\d*/y);
  const dtype = dataTypes.find((candidate) => candidate === name);
  if (dtype === undefined) throw cursor.error(`"${name ?? ''}" is no element type`);
  return dtype;
}

function parseDims(cursor: Cursor): readonly Dim[] | null {
  if (cursor.take('[...]')) return null;
  return cursor.list('[', ']', () => {
    const text = cursor.match(/[^\s,\]]+/y);
    if (text === null) throw cursor.error('a dim is expected');
    return /^-?\d+$/.test(text) ? Number(text) : text;
  });
}

/** ` q int8 scale 0.02 zero 3`, or ` q int8 axis 0 scale [0.1, 0.2] zero [0, 0]`. */
function parseQuantization(cursor: Cursor): Quantization {
  const storageType = parseDataType(cursor) as IntegerType; // quantization() refuses others
  if (cursor.take('axis')) {
    const axis = cursor.number();
    cursor.expect('scale');
    const scale = Float32Array.from(cursor.list('[', ']', () => cursor.number()));
    const zero = cursor.take('zero') ? cursor.list('[', ']', () => cursor.number()) : scale.map(() => 0);
    return quantization({ storageType, axis, scale, zeroPoint: Int32Array.from(zero) });
  }
  cursor.expect('scale');
  const scale = cursor.number();
  return quantization({ storageType, scale, zeroPoint: cursor.take('zero') ? cursor.number() : 0 });
}
