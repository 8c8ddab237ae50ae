import {
  AffineEncoding,
  CastEncoding,
  cast,
  DenseEncoding,
  dense,
  type Encoding,
  isFloat,
  positionsOf,
  type Quantization,
  SparseEncoding,
  Tensor,
  toFloat16Bits,
} from '@espalier/core';
import { withCodes } from '../quantization/codes.js';

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
 * Other values in the form of those before: sparse ones stay sparse, half precision stays so, codes stay codes.
 *
 * @param encoding - one that `holdsFloats`, or of codes
 * @param values - float32; 0 wherever a sparse form has no value
 * @param parameters - the grid of codes
 */
export function withValues(
  encoding: Encoding,
  values: Tensor<'float32'>,
  parameters: Quantization | null = null,
): Encoding {
  if (encoding instanceof AffineEncoding && parameters !== null)
    return withCodes(encoding, values.data, parameters);
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
