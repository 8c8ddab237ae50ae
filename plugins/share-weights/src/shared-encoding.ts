import {
  CastEncoding,
  cast,
  codebook,
  DenseEncoding,
  dense,
  type Encoding,
  packed,
  positionsOf,
  SparseEncoding,
  sliceLayout,
  sparse,
  Tensor,
  toFloat16Bits,
  toFloat32,
} from '@espalier/core';
import { type Sharing, type SharingOptions, shareBySlice, shareTogether } from './codebooks.js';

/** The largest finite float16. */
const MAX_FLOAT16 = 65504;

/** How weights are shared and their codebooks held. */
export interface EncodingOptions extends SharingOptions {
  readonly centroids: 'float32' | 'float16';
}

/**
 * The same weights over a codebook; null where the tree has no leaf of floats to share, or has it
 * under parameters of another pass (a codebook, a quantization).
 *
 *     float32                        -> codebook(indices: packed)
 *     sparse(gaps, values: float32)  -> sparse(gaps, values: codebook(indices: packed))
 *
 * @param axis - the dimension with codebooks of its own; null for one codebook
 */
export function sharedEncoding(
  encoding: Encoding,
  axis: number | null,
  options: EncodingOptions,
): Encoding | null {
  if (encoding instanceof SparseEncoding && isFloats(encoding.children.values)) {
    return axis === null ? shareKept(encoding, options) : shareKeptBySlice(encoding, axis, options);
  }
  // A cast of something sparse: the values below are the same reals, but for their type.
  if (encoding instanceof CastEncoding && encoding.children.source instanceof SparseEncoding) {
    const { source } = encoding.children;
    const values = new CastEncoding(source.children.values);
    return sharedEncoding(sparse(source.children.gaps, values, source.dims, source.skip), axis, options);
  }
  if (!isFloats(encoding)) return null;
  const values = toFloat32(encoding.decode());
  if (axis === null) return encode(shareTogether(values, options), encoding.dims, null, options);
  return encode(
    shareBySlice(values, sliceLayout(encoding.dims, axis), options),
    encoding.dims,
    axis,
    options,
  );
}

/** A leaf of float32, or of float16 read as float32. A codebook is float32, so others can't have one. */
function isFloats(encoding: Encoding): boolean {
  const leaf = encoding instanceof CastEncoding ? encoding.children.source : encoding;
  return encoding.type === 'float32' && leaf instanceof DenseEncoding;
}

function shareKept(encoding: SparseEncoding, options: EncodingOptions): Encoding {
  const { values } = encoding.children;
  const sharing = shareTogether(toFloat32(values.decode()), options);
  return encoding.withChildren({ values: encode(sharing, values.dims, null, options) });
}

/** The kept values alone don't say which slice they are of: the codebook goes around the sparse indices. */
function shareKeptBySlice(encoding: SparseEncoding, axis: number, options: EncodingOptions): Encoding {
  const { gaps } = encoding.children;
  const values = toFloat32(encoding.decode());
  const { centroids, count, indices } = shareBySlice(values, sliceLayout(encoding.dims, axis), options);
  const places = positionsOf(gaps.decode().data as Uint8Array, encoding.skip); // gaps are uint8
  const kept = new Uint8Array(places.length);
  for (let i = 0; i < places.length; i++) kept[i] = indices[places[i]!]!;
  const book = bookOf(centroids, [centroids.length / count, count], options);
  return codebook(
    book,
    sparse(gaps, packed(new Tensor('uint8', kept), indexBits(count)), encoding.dims, encoding.skip),
    axis,
  );
}

function encode(
  { centroids, count, indices }: Sharing,
  dims: readonly number[],
  axis: number | null,
  options: EncodingOptions,
): Encoding {
  const shape = axis === null ? [count] : [centroids.length / count, count];
  const book = bookOf(centroids, shape, options);
  return codebook(book, packed(new Tensor('uint8', indices, dims), indexBits(count)), axis);
}

/** The codebook itself. Nothing is held as float16 that would leave its range. */
export function bookOf(
  centroids: Float32Array,
  dims: readonly number[],
  { centroids: type }: Pick<EncodingOptions, 'centroids'>,
): Encoding {
  const inRange = centroids.every((centroid) => Math.abs(centroid) <= MAX_FLOAT16);
  if (type === 'float32' || !inRange) return dense(new Tensor('float32', centroids, dims));
  return cast(dense(new Tensor('float16', toFloat16Bits(centroids), dims)));
}

/** Bits of an index among `count`; one centroid takes one bit. */
function indexBits(count: number): number {
  return Math.max(1, Math.ceil(Math.log2(count)));
}
