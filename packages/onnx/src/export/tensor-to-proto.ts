import { create } from '@bufbuild/protobuf';
import { type Tensor, toBytes } from '@espalier/core';
import { type TensorProto, TensorProtoSchema } from '../gen/onnx_pb.js';
import { elementTypeNumber } from '../proto/element-types.js';

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
