import { DataError, type Tensor } from '@espalier/core';
import type { OnnxValue, Tensor as OrtTensor, TensorConstructor } from 'onnxruntime-common';

/** A tensor of ours as one of onnxruntime-common. They have the same types, in the same arrays. */
export function toOrt({ type, data, dims }: Tensor, Constructor: TensorConstructor): OrtTensor {
  // The element type is known only now: any of its overloads will do.
  return new Constructor(type as 'float32', data as Float32Array, [...dims]);
}

/**
 * Writes a result into a tensor that the caller made for it, as onnxruntime-common's `fetches` may hold one.
 *
 * @throws {DataError} when type or shape differ
 */
export function fill(name: string, target: OnnxValue, result: OrtTensor): OnnxValue {
  const fits =
    target.type === result.type &&
    target.dims.length === result.dims.length &&
    target.dims.every((dim, i) => dim === result.dims[i]);
  if (!fits) {
    throw new DataError({
      what: `The output "${name}" is ${result.type}[${result.dims.join(', ')}], the tensor passed for it is ${target.type}[${target.dims.join(', ')}].`,
      fix: 'Pass one of the same type and shape, or null.',
    });
  }
  // Equal types have equal arrays.
  (target.data as Float32Array).set(result.data as Float32Array);
  return target;
}
