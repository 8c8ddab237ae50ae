import { type DataType, UnsupportedError } from '@espalier/core';
import type { NamedCall } from './operator.js';

/** ONNX's numbering of the element types (`TensorProto.DataType`), as attributes such as `to` use it. */
const typesByNumber: Readonly<Record<number, DataType>> = {
  1: 'float32',
  2: 'uint8',
  3: 'int8',
  4: 'uint16',
  5: 'int16',
  6: 'int32',
  7: 'int64',
  9: 'bool',
  10: 'float16',
  11: 'float64',
  12: 'uint32',
  13: 'uint64',
};

/**
 * The element type that an attribute names by ONNX's number.
 *
 * @throws {UnsupportedError} for strings, complex numbers, bfloat16, float8 and types below 8 bits
 */
export function typeOfNumber(number: number, attribute: string, call: NamedCall): DataType {
  const type = typesByNumber[number];
  if (type !== undefined) return type;
  throw new UnsupportedError({
    what: `${call.op}: attribute "${attribute}" asks for ONNX element type ${number}, which is not supported.`,
    where: `node "${call.name}"`,
    fix: `Use one of ${Object.values(typesByNumber).join(', ')}.`,
  });
}
