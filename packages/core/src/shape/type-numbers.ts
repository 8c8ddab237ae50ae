import type { DataType } from '../tensor/data-type.js';

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

/** The element type with this number, or null where the IR has none like it. */
export function typeByNumber(number: number | undefined): DataType | null {
  return typesByNumber[number ?? 0] ?? null;
}

/** The number that ONNX gives an element type. */
export function numberOfType(type: DataType): number {
  const entry = Object.entries(typesByNumber).find(([, other]) => other === type);
  return Number(entry?.[0]); // every type of the IR is in the table
}
