import { type DataType, dataTypes, typeByNumber, UnsupportedError } from '@espalier/core';
import type { NamedCall } from './operator.js';

/**
 * The element type that an attribute names by ONNX's number.
 *
 * @throws {UnsupportedError} for strings, complex numbers, bfloat16, float8 and types below 8 bits
 */
export function typeOfNumber(number: number, attribute: string, call: NamedCall): DataType {
  const type = typeByNumber(number);
  if (type !== null) return type;
  throw new UnsupportedError({
    what: `${call.op}: attribute "${attribute}" asks for ONNX element type ${number}, which is not supported.`,
    where: `node "${call.name}"`,
    fix: `Use one of ${dataTypes.join(', ')}.`,
  });
}
