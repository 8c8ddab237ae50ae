import {
  AffineEncoding,
  affine,
  CastEncoding,
  cast,
  dense,
  type Encoding,
  Tensor,
  type TensorData,
} from '@espalier/core';
import { isSameOrder, type Order, reordered } from './axes.js';

/** A constant with its axes in another order. Integer codes stay codes, float16 stays float16. */
export function reorderConstant(encoding: Encoding, order: Order): Encoding {
  if (isSameOrder(order)) return encoding;
  if (encoding instanceof AffineEncoding) {
    const { quantization } = encoding;
    const axis = quantization.axis === null ? null : order.indexOf(quantization.axis);
    return affine(reorderConstant(encoding.children.codes, order), { ...quantization, axis });
  }
  if (encoding instanceof CastEncoding) return cast(reorderConstant(encoding.children.source, order));
  return dense(reorderTensor(encoding.decode(), order));
}

/** A constant under another shape. `axis` is where the dimension with scales of its own is in it. */
export function reshapeConstant(
  encoding: Encoding,
  dims: readonly number[],
  axis: number | null = null,
): Encoding {
  if (encoding instanceof AffineEncoding) {
    const { quantization } = encoding;
    return affine(reshapeConstant(encoding.children.codes, dims), {
      ...quantization,
      axis: quantization.axis === null ? null : axis,
    });
  }
  if (encoding instanceof CastEncoding) return cast(reshapeConstant(encoding.children.source, dims));
  return dense(encoding.decode().reshape(dims));
}

/** A tensor transposed by `perm: order`. */
export function reorderTensor(tensor: Tensor, order: Order): Tensor {
  const { type, data, dims } = tensor;
  const to = reordered(dims, order);
  const strides = reordered(
    dims.map((_, axis) => dims.slice(axis + 1).reduce((a, b) => a * b, 1)),
    order,
  );
  const result = data.slice();
  const place = to.map(() => 0);
  let from = 0;
  for (let at = 0; at < result.length; at++) {
    result[at] = data[from] as never; // of an array of the same class
    for (let axis = to.length - 1; axis >= 0; axis--) {
      const [stride = 0, size = 1] = [strides[axis], to[axis]];
      place[axis] = (place[axis] ?? 0) + 1;
      from += stride;
      if ((place[axis] ?? 0) < size) break;
      place[axis] = 0;
      from -= stride * size;
    }
  }
  return new Tensor(type, result as TensorData as never, to);
}
