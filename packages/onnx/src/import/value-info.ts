import { type Dim, FormatError, UnsupportedError, unknownDim, type ValueType } from '@espalier/core';
import type { TensorShapeProto, TensorShapeProto_Dimension, ValueInfoProto } from '../gen/onnx_pb.js';
import { elementTypeName, elementTypeOf } from '../proto/element-types.js';

/**
 * The type that a file declares for a value.
 *
 * @param role - `input`, `output`, for messages
 * @throws {UnsupportedError} for sequences, maps, optionals and element types outside the IR
 */
export function readValueType(info: ValueInfoProto, role: string): ValueType {
  const where = `${role} "${info.name}"`;
  const type = info.type?.value;
  if (type?.case === undefined) {
    throw new FormatError({ what: `The ${role} has no type.`, where, fix: 'Export the model again.' });
  }
  if (type.case !== 'tensorType') {
    throw new UnsupportedError({
      what: `Values of the kind ${type.case.replace(/Type$/, '')} are not supported.`,
      where,
      fix: 'Export the model with plain tensors.',
    });
  }
  const dtype = elementTypeOf(type.value.elemType);
  if (dtype === undefined) {
    throw new UnsupportedError({
      what: `Tensors of type ${elementTypeName(type.value.elemType)} are not supported.`,
      where,
      fix: 'Export the model with float32, float16 or integers of 8 bits or more.',
    });
  }
  return { dtype, dims: readShape(type.value.shape, where) };
}

/** The declared type, or null where it is none of the IR's: what other values carry are hints only. */
export function readTypeHint(info: ValueInfoProto): ValueType | null {
  const type = info.type?.value;
  if (type?.case !== 'tensorType') return null;
  const dtype = elementTypeOf(type.value.elemType);
  return dtype === undefined ? null : { dtype, dims: readShape(type.value.shape, `value "${info.name}"`) };
}

function readShape(shape: TensorShapeProto | undefined, where: string): readonly Dim[] | null {
  return shape === undefined ? null : shape.dim.map(({ value }) => readDim(value, where));
}

function readDim(dim: TensorShapeProto_Dimension['value'], where: string): Dim {
  if (dim.case === 'dimParam') return dim.value === '' ? unknownDim : dim.value;
  // Some exporters write -1 for a dimension that they do not know.
  if (dim.case === undefined || dim.value === -1n) return unknownDim;
  const size = Number(dim.value);
  if (size < 0 || !Number.isSafeInteger(size)) {
    throw new FormatError({ what: `A declared dim is ${dim.value}.`, where, fix: 'Export the model again.' });
  }
  return size;
}
