import {
  bytesPerElement,
  type DataType,
  type Encoding,
  elementCount,
  FormatError,
  fromBytes,
  PackedEncoding,
  packedBytes,
  Tensor,
  type TensorData,
  UnsupportedError,
} from '@espalier/core';
import type { TensorProto } from '../gen/onnx_pb.js';
import { elementTypeName, elementTypeOf, packedElementTypeOf } from '../proto/element-types.js';
import { type ExternalFiles, externalBytes, isExternal } from './external-data.js';

/** The fields that hold elements one by one, where `raw_data` does not hold their bytes. */
type TypedField = 'floatData' | 'int32Data' | 'int64Data' | 'doubleData' | 'uint64Data';

interface Storage {
  readonly field: TypedField;
  from(values: readonly (number | bigint)[]): TensorData;
}

function numbers(field: TypedField, array: { from(values: Iterable<number>): TensorData }): Storage {
  // The field's type says number or bigint; all but the 64-bit integers convert without loss.
  return { field, from: (values) => array.from(values.map(Number)) };
}

/** @see onnx.proto, the comments of TensorProto's fields */
const storages: { readonly [T in DataType]: Storage } = {
  float32: numbers('floatData', Float32Array),
  float64: numbers('doubleData', Float64Array),
  float16: numbers('int32Data', Uint16Array),
  int8: numbers('int32Data', Int8Array),
  uint8: numbers('int32Data', Uint8Array),
  int16: numbers('int32Data', Int16Array),
  uint16: numbers('int32Data', Uint16Array),
  int32: numbers('int32Data', Int32Array),
  uint32: numbers('uint64Data', Uint32Array),
  // The schema says that these fields hold bigints.
  int64: { field: 'int64Data', from: (values) => BigInt64Array.from(values as readonly bigint[]) },
  uint64: { field: 'uint64Data', from: (values) => BigUint64Array.from(values as readonly bigint[]) },
  bool: numbers('int32Data', Uint8Array),
};

/**
 * Reads a tensor. Its data is a view of the file's bytes where their alignment allows it.
 *
 * @throws {FormatError} when the dims are negative or do not fit the data: nothing is allocated by claim
 * @throws {UnsupportedError} when the IR has no such element type
 */
export function readTensor(proto: TensorProto, files: ExternalFiles, fileOffset = 0): Tensor {
  const where = `tensor "${proto.name}"`;
  const type = elementTypeOf(proto.dataType);
  if (type === undefined) {
    throw new UnsupportedError({
      what: `Tensors of type ${elementTypeName(proto.dataType)} are not supported.`,
      where,
      fix: 'Export the model with float32, float16 or integers of 8 bits or more.',
    });
  }
  if (proto.segment !== undefined) {
    throw new UnsupportedError({ what: 'Tensors in segments are not supported.', where });
  }
  const dims = readDims(proto.dims, where);
  const bytes = isExternal(proto) ? externalBytes(proto, files) : proto.rawData;
  if (bytes.length > 0) {
    const place = isExternal(proto) ? where : `${where}, byte ${bytes.byteOffset - fileOffset}`;
    return fromRaw(type, dims, bytes, place);
  }
  return fromFields(type, dims, proto, where);
}

/**
 * Reads a copy of a tensor of 4-bit integers as packed codes; null where the tensor is of another type.
 *
 * @see onnx.proto, TensorProto.DataType INT4: two to a byte, the first in the low bits
 */
export function readPackedTensor(proto: TensorProto, files: ExternalFiles): Encoding | null {
  const type = packedElementTypeOf(proto.dataType);
  if (type === undefined) return null;
  const where = `tensor "${proto.name}"`;
  const dims = readDims(proto.dims, where);
  const wanted = packedBytes(elementCount(dims), 4);
  const raw = isExternal(proto) ? externalBytes(proto, files) : proto.rawData;
  const bytes = raw.length > 0 ? raw : Uint8Array.from(proto.int32Data);
  if (bytes.length !== wanted)
    throw sizeError(type, dims, `${wanted} bytes in 4 bits`, `${bytes.length}`, where);
  return new PackedEncoding(new Uint8Array(bytes), dims, 4, type);
}

function readDims(dims: readonly bigint[], where: string): readonly number[] {
  const numbers = dims.map(Number);
  if (numbers.some((dim) => dim < 0 || !Number.isSafeInteger(dim))) {
    throw new FormatError({ what: `The dims of a tensor are [${dims.join(', ')}].`, where });
  }
  return numbers;
}

function fromRaw(type: DataType, dims: readonly number[], bytes: Uint8Array, where: string): Tensor {
  const wanted = elementCount(dims) * bytesPerElement(type);
  if (bytes.length !== wanted) throw sizeError(type, dims, `${wanted} bytes`, `${bytes.length}`, where);
  const data = fromBytes(type, bytes);
  // Booleans are held as bytes.
  if (type === 'bool') assertBooleans(data as Uint8Array, where);
  return new Tensor(type, data, dims);
}

function fromFields(type: DataType, dims: readonly number[], proto: TensorProto, where: string): Tensor {
  const { field, from } = storages[type];
  const values = proto[field];
  const wanted = elementCount(dims);
  if (values.length !== wanted) {
    throw sizeError(type, dims, `${wanted} elements`, `${values.length}`, `${where}, field ${field}`);
  }
  const data = from(values);
  // As above.
  if (type === 'bool') assertBooleans(data as Uint8Array, where);
  return new Tensor(type, data, dims);
}

function assertBooleans(data: Uint8Array, where: string): void {
  const wrong = data.find((element) => element > 1);
  if (wrong !== undefined) throw new FormatError({ what: `A bool tensor holds the byte ${wrong}.`, where });
}

function sizeError(
  type: DataType,
  dims: readonly number[],
  wanted: string,
  found: string,
  where: string,
): FormatError {
  return new FormatError({
    what: `A ${type} tensor of shape [${dims.join(', ')}] takes ${wanted}, the file holds ${found}.`,
    where,
    fix: 'Get or export the model again.',
  });
}
