import {
  CastEncoding,
  cast,
  DenseEncoding,
  dense,
  type Encoding,
  isFloat,
  positionsOf,
  SparseEncoding,
  Tensor,
  toFloat16Bits,
} from '@espalier/core';

/** Whether weights are float32 for their readers, and held as floats that may have any value: dense, sparse, or cast. */
export function holdsFloats(encoding: Encoding): boolean {
  return encoding.type === 'float32' && isOfFloats(encoding);
}

function isOfFloats(encoding: Encoding): boolean {
  if (encoding instanceof CastEncoding) return isOfFloats(encoding.children.source);
  if (encoding instanceof SparseEncoding) return isOfFloats(encoding.children.values);
  return encoding instanceof DenseEncoding && isFloat(encoding.type);
}

/**
 * Other values in the form of those before: sparse ones stay sparse, half precision stays so.
 *
 * @param encoding - one that `holdsFloats`
 * @param values - float32; 0 wherever a sparse form has no value
 */
export function withValues(encoding: Encoding, values: Tensor<'float32'>): Encoding {
  if (encoding instanceof CastEncoding) return cast(withValues(encoding.children.source, values));
  if (encoding instanceof SparseEncoding) {
    const { gaps, values: kept } = encoding.children;
    const places = positionsOf(gaps.decode().data as Uint8Array, encoding.skip); // `sparse` takes gaps of uint8 only
    const picked = Float32Array.from(places, (place) => values.data[place] as number); // below the size of the tensor
    return encoding.withChildren({ values: withValues(kept, new Tensor('float32', picked)) });
  }
  if (encoding.type === 'float16')
    return dense(new Tensor('float16', toFloat16Bits(values.data), values.dims));
  return dense(values);
}
