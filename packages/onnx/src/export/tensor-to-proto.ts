import { create } from '@bufbuild/protobuf';
import { packBits, type Tensor, toBytes, toNumbers } from '@espalier/core';
import { type TensorProto, TensorProtoSchema } from '../gen/onnx_pb.js';
import { elementTypeNumber, packedElementTypeNumber } from '../proto/element-types.js';

/** A tensor as ONNX holds it, its bytes a view of the tensor's. */
export function tensorToProto(tensor: Tensor, name = ''): TensorProto {
  return create(TensorProtoSchema, {
    ...(name === '' ? {} : { name }),
    dims: tensor.dims.map(BigInt),
    dataType: elementTypeNumber(tensor.type),
    // A cast only: nobody shares memory between threads here.
    rawData: toBytes(tensor.data) as Uint8Array<ArrayBuffer>,
  });
}

/** Whether codes fit in 4 bits. */
export function fitsFourBits(codes: Tensor): codes is Tensor<'int8'> | Tensor<'uint8'> {
  if (codes.type !== 'int8' && codes.type !== 'uint8') return false;
  const [least, most] = codes.type === 'int8' ? [-8, 7] : [0, 15];
  const values = toNumbers(codes);
  for (let i = 0; i < values.length; i++) {
    const code = values[i] as number; // i < length
    if (code < least || code > most) return false;
  }
  return true;
}

/**
 * Codes of at most 4 bits as ONNX's INT4 or UINT4.
 *
 * @see onnx.proto, TensorProto.DataType INT4: two to a byte, the first in the low bits
 */
export function packedToProto(codes: Tensor<'int8'> | Tensor<'uint8'>, name: string): TensorProto {
  const nibbles = Uint8Array.from(codes.data, (code) => code & 15);
  return create(TensorProtoSchema, {
    name,
    dims: codes.dims.map(BigInt),
    dataType: packedElementTypeNumber(codes.type),
    rawData: packBits(nibbles, 4) as Uint8Array<ArrayBuffer>, // as above
  });
}
